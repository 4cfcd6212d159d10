// A host's transport as the stream's: jitter, jumps, metres, tempo.
#include <doctest/doctest.h>

#include <cmath>

#include "rtgen/transport_follower.h"

namespace {

constexpr double kRate = 48000.0;
constexpr std::uint32_t kBlock = 256;

// A host that plays in a metre from a frame on.
struct Song {
  double tempo{120.0};
  double bar_quarters{4.0};
  double jitter_beats{0.0};

  rtgen::BlockTime at(std::int64_t frame) const {
    const double quarters = static_cast<double>(frame) / kRate * tempo / 60.0;
    rtgen::BlockTime time;
    time.valid = time.playing = time.bars = true;
    time.frame = frame;
    time.tempo = tempo;
    time.bar_quarters = bar_quarters;
    time.bar_index = std::floor(quarters / bar_quarters);
    time.quarters_in_bar = quarters - time.bar_index * bar_quarters + jitter_beats;
    return time;
  }
};

struct Follower {
  Follower() { inner.reset(kRate); }
  bool follow(const rtgen::BlockTime& time, std::uint32_t n = kBlock) {
    return inner.follow(time, settings, n, state);
  }
  rtgen::TransportFollower inner;
  rtgen::TransportFollower::Settings settings;
  rtgen::HostState state;
};

}  // namespace

TEST_CASE("a host that plays on asks for nothing new") {
  Follower f;
  const Song song;
  CHECK(f.follow(song.at(0)));
  int changes = 0;
  for (std::int64_t at = kBlock; at < 20 * 48000; at += kBlock) changes += f.follow(song.at(at));
  CHECK(changes == 0);
  CHECK(f.state.locates == 1);
  CHECK(f.state.beat == doctest::Approx(20 * 2.0).epsilon(0.001));
}

TEST_CASE("in twelve metres the bar starts where the host's does") {
  const double metres[] = {4.0,         3.0,         2.0,         6.0 / 8 * 4,
                           7.0 / 8 * 4, 5.0 / 8 * 4, 3.0 / 8 * 4, 3.0 / 16 * 4,
                           1.0 / 8 * 4, 5.0,         9.0 / 8 * 4, 12.0 / 8 * 4};
  for (const double bar : metres) {
    Song song;
    song.bar_quarters = bar;
    Follower f;
    int changes = 0;
    for (std::int64_t at = 0; at < 30 * 48000; at += kBlock) changes += f.follow(song.at(at));
    CAPTURE(bar);
    CHECK(changes == 1);
    CHECK(f.state.bar_beats == bar);
    const double quarters = static_cast<double>(f.state.position) / kRate * 2.0;
    CHECK(std::fabs(f.state.beat - quarters) < 1e-6);
  }
}

TEST_CASE("one sample of jitter in every other block is no jump") {
  Follower f;
  const Song song;
  f.follow(song.at(0));
  int changes = 0;
  for (std::int64_t k = 1; k < 2000; ++k) changes += f.follow(song.at(k * kBlock + (k % 2)));
  CHECK(changes == 0);
  CHECK(f.state.position == 1999 * kBlock);
}

TEST_CASE("a beat that is told in coarse ticks is no change") {
  Follower f;
  Song song;
  f.follow(song.at(0));
  int changes = 0;
  for (std::int64_t k = 1; k < 2000; ++k) {
    rtgen::BlockTime time = song.at(k * kBlock);
    time.quarters_in_bar = std::floor(time.quarters_in_bar * 1920.0) / 1920.0;
    changes += f.follow(time);
  }
  CHECK(changes == 0);
}

TEST_CASE("a beat that is really elsewhere is a change but no jump") {
  Follower f;
  Song song;
  f.follow(song.at(0));
  song.jitter_beats = 0.25;
  CHECK(f.follow(song.at(kBlock)));
  CHECK(f.state.locates == 1);
  CHECK(f.state.beat == doctest::Approx(0.25 + kBlock / kRate * 2.0));
}

TEST_CASE("a seek, a loop and a split block at the loop's end") {
  Follower f;
  const Song song;
  f.follow(song.at(0));
  CHECK(f.follow(song.at(480000)));
  CHECK(f.state.locates == 2);
  CHECK(f.state.position == 480000);
  CHECK_FALSE(f.follow(song.at(480000 + kBlock), 100));  // the host splits the block at the end
  CHECK(f.follow(song.at(0), kBlock - 100));             // and goes on at the loop's start
  CHECK(f.state.locates == 3);
  CHECK_FALSE(f.follow(song.at(kBlock - 100)));
}

TEST_CASE("a change of tempo is told with the beat it falls on, and is no jump") {
  Follower f;
  Song song;
  f.follow(song.at(0));
  rtgen::BlockTime time = song.at(kBlock);
  time.tempo = 137.0;
  CHECK(f.follow(time));
  CHECK(f.state.tempo == 137.0);
  CHECK(f.state.locates == 1);
  CHECK(f.state.beat == doctest::Approx(kBlock / kRate * 2.0));
}

TEST_CASE("a change of metre starts afresh") {
  Follower f;
  Song song;
  f.follow(song.at(0));
  song.bar_quarters = 3.5;
  CHECK(f.follow(song.at(kBlock)));
  CHECK(f.state.locates == 2);
  CHECK(f.state.bar_beats == 3.5);
}

TEST_CASE("a count-in before the first bar has negative positions and beats") {
  Follower f;
  const Song song;
  int changes = 0;
  for (std::int64_t at = -96000; at < 96000; at += kBlock) changes += f.follow(song.at(at));
  CHECK(changes == 1);
  CHECK(f.state.beat == doctest::Approx(96000.0 / kRate * 2.0).epsilon(0.01));
}

TEST_CASE("stopping and starting are jumps, and starting forgets what MIDI did") {
  Follower f;
  Song song;
  f.follow(song.at(0));
  const auto fresh = f.state.fresh;
  rtgen::BlockTime stopped = song.at(kBlock);
  stopped.playing = false;
  CHECK(f.follow(stopped));
  CHECK(f.state.playing == 0);
  CHECK_FALSE(f.follow(stopped));
  CHECK(f.state.position == kBlock);
  CHECK(f.follow(song.at(kBlock)));
  CHECK(f.state.fresh == fresh + 1);
}

TEST_CASE("without a host's transport the stream runs free at its own tempo") {
  Follower f;
  f.settings.own_tempo = 90.0;
  const rtgen::BlockTime none;
  CHECK(f.follow(none));
  for (int k = 0; k < 999; ++k) CHECK_FALSE(f.follow(none));
  CHECK(f.state.playing == 1);
  CHECK(f.state.position == 999 * kBlock);
  CHECK(f.state.tempo == 90.0);
  f.settings.own_tempo = 100.0;
  CHECK(f.follow(none));
  CHECK(f.state.locates == 1);
}

TEST_CASE("numbers that make no sense are not believed") {
  Follower f;
  Song song;
  rtgen::BlockTime time = song.at(0);
  time.tempo = std::nan("");
  time.bar_quarters = 0.0;
  time.frame = INT64_MAX;
  f.follow(time);
  CHECK(f.state.tempo == f.settings.own_tempo);
  CHECK(f.state.bar_beats == 4.0);
  CHECK(f.state.position < INT64_MAX / 4);
  time.quarters_in_bar = INFINITY;
  time.bar_index = -1e300;
  time.bar_quarters = 4.0;
  f.follow(time);
  CHECK(std::isfinite(f.state.beat));
  time = song.at(0);
  time.bar_quarters = 1e-9;
  f.follow(time);
  CHECK(f.state.bar_beats == 4.0);
}
