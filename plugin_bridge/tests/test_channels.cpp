// The sequence lock and the event queue with one thread, and with a peer that misbehaves.
#include <doctest/doctest.h>

#include <cstring>

#include "rtgen/event_queue.h"
#include "rtgen/seqlock.h"

namespace {

// The first member of both is a 32-bit counter that a hostile peer may write.
template <typename T>
void scribble(T& shared, std::uint32_t number) {
  std::memcpy(static_cast<void*>(&shared), &number, sizeof(number));
}

}  // namespace

TEST_CASE("what is stored is loaded") {
  rtgen::SeqLock<double> lock;
  double value = 7.0;
  CHECK(lock.load(value));
  CHECK(value == 0.0);
  lock.store(2.5);
  CHECK(lock.load(value));
  CHECK(value == 2.5);
}

TEST_CASE("a writer that dies in mid-store does not hold the reader up") {
  rtgen::SeqLock<double> lock;
  lock.store(2.5);
  scribble(lock, 3);
  double value = 7.0;
  CHECK_FALSE(lock.load(value));
  CHECK(value == 7.0);
}

TEST_CASE("a full queue refuses and counts, and goes on when there is room") {
  rtgen::EventQueue<int, 4> queue;
  for (int i = 0; i < 4; ++i) CHECK(queue.push(i));
  CHECK_FALSE(queue.push(4));
  CHECK(queue.lost() == 1);
  int event = -1;
  CHECK(queue.pop(event));
  CHECK(event == 0);
  CHECK(queue.push(5));
}

TEST_CASE("a cursor that claims more than fits is answered by starting afresh") {
  rtgen::EventQueue<int, 4> queue;
  queue.push(1);
  scribble(queue, 1000);
  int event = -1;
  CHECK_FALSE(queue.pop(event));
  CHECK(queue.push(2));
  CHECK(queue.pop(event));
  CHECK(event == 2);
}
