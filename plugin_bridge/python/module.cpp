// The module rtgen._bridge: the take buffer and the sound card's callback for Python.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "rtgen/device_callback.h"
#include "rtgen/take_reader.h"
#include "rtgen/take_slots.h"

namespace py = pybind11;

namespace {

using Samples = py::array_t<float, py::array::c_style | py::array::forcecast>;
constexpr std::uint64_t kTapFrames = 1U << 19;

// Owns the memory of the takes and of the recorder's tap.
class TakeBuffer {
 public:
  TakeBuffer(std::uint32_t rate, std::uint32_t capacity)
      : header_(std::make_unique<rtgen::TakeHeader>()),
        frames_(static_cast<std::size_t>(capacity) * rtgen::kTakes),
        tap_frames_(kTapFrames),
        tap_(tap_frames_.data(), kTapFrames) {
    if (rate < 8000 || rate > 384000) throw std::invalid_argument("rate must be 8000..384000");
    if (!std::has_single_bit(capacity) || capacity < 4096) {
      throw std::invalid_argument("capacity must be a power of two, 4096 frames or more");
    }
    header_->rate = rate;
    header_->capacity = capacity;
    writer_ = std::make_unique<rtgen::TakeWriter>(header_.get(), frames_.data());
    reader_ = std::make_unique<rtgen::TakeReader>(header_.get(), frames_.data(), &tap_);
  }

  std::uint32_t begin_take(std::int64_t start, bool jump) { return writer_->begin(start, jump); }

  std::int64_t write(const Samples& samples) {
    check(samples);
    const auto* source = reinterpret_cast<const rtgen::Frame*>(samples.data());
    const auto count = static_cast<std::int64_t>(samples.shape(0));
    const py::gil_scoped_release release;
    return writer_->write(source, count);
  }

  std::int64_t space() const { return writer_->space(); }
  std::int64_t playhead() const { return header_->playhead.load(std::memory_order_acquire); }
  std::uint32_t rate() const { return header_->rate; }

  py::array_t<float> read(std::uint32_t count) {
    py::array_t<float> out({static_cast<py::ssize_t>(count), static_cast<py::ssize_t>(2)});
    float* target = out.mutable_data();
    {
      const py::gil_scoped_release release;
      reader_->read(target, count);
    }
    return out;
  }

  py::array_t<float> read_tap() {
    std::vector<rtgen::Frame> held(kTapFrames);
    const auto count = static_cast<py::ssize_t>(tap_.pop(held.data(), held.size()));
    py::array_t<float> out({count, static_cast<py::ssize_t>(2)});
    std::copy_n(&held[0].left, static_cast<std::size_t>(count) * 2, out.mutable_data());
    return out;
  }

  void set_gain(float gain) { reader_->gain.store(gain, std::memory_order_relaxed); }
  void set_paused(bool paused) { reader_->paused.store(paused, std::memory_order_relaxed); }
  bool paused() const { return reader_->paused.load(std::memory_order_relaxed); }
  void set_tapped(bool tapped) { reader_->tapped.store(tapped, std::memory_order_relaxed); }

  py::dict stats() const {
    const rtgen::Meters& m = reader_->meters;
    py::dict out;
    out["underruns"] = m.underruns.load(std::memory_order_relaxed);
    out["missing_frames"] = m.missing_frames.load(std::memory_order_relaxed);
    out["not_finite"] = m.not_finite.load(std::memory_order_relaxed);
    out["takes"] = m.takes.load(std::memory_order_relaxed);
    out["frames"] = m.frames.load(std::memory_order_relaxed);
    out["tap_lost"] = m.tap_lost.load(std::memory_order_relaxed);
    out["peak_left"] = m.peak_left.load(std::memory_order_relaxed);
    out["peak_right"] = m.peak_right.load(std::memory_order_relaxed);
    return out;
  }

  std::uintptr_t user_data_address() const {
    return reinterpret_cast<std::uintptr_t>(reader_.get());
  }

 private:
  static void check(const Samples& samples) {
    if (samples.ndim() != 2 || samples.shape(1) != 2) {
      throw std::invalid_argument("samples must have the shape (frames, 2)");
    }
  }

  std::unique_ptr<rtgen::TakeHeader> header_;
  std::vector<rtgen::Frame> frames_;
  std::vector<rtgen::Frame> tap_frames_;
  rtgen::FrameRing tap_;
  std::unique_ptr<rtgen::TakeWriter> writer_;
  std::unique_ptr<rtgen::TakeReader> reader_;
};

std::uintptr_t callback_address() {
  return reinterpret_cast<std::uintptr_t>(&rtgen::device_callback);
}

}  // namespace

PYBIND11_MODULE(_bridge, m) {
  m.doc() = "The take buffer, and the callback that reads it on the audio thread.";
  py::class_<TakeBuffer>(m, "TakeBuffer",
                         "Takes of stereo frames at absolute positions; one engine thread writes, "
                         "one audio thread reads.")
      .def(py::init<std::uint32_t, std::uint32_t>(), py::arg("rate"), py::arg("capacity") = 1U << 18)
      .def("begin_take", &TakeBuffer::begin_take, py::arg("start"), py::arg("jump") = false)
      .def("write", &TakeBuffer::write, py::arg("samples"))
      .def("space", &TakeBuffer::space)
      .def("playhead", &TakeBuffer::playhead)
      .def("read", &TakeBuffer::read, py::arg("count"))
      .def("read_tap", &TakeBuffer::read_tap)
      .def("set_gain", &TakeBuffer::set_gain, py::arg("gain"))
      .def("set_paused", &TakeBuffer::set_paused, py::arg("paused"))
      .def("set_tapped", &TakeBuffer::set_tapped, py::arg("tapped"))
      .def("stats", &TakeBuffer::stats)
      .def("user_data_address", &TakeBuffer::user_data_address)
      .def_property_readonly("paused", &TakeBuffer::paused)
      .def_property_readonly("rate", &TakeBuffer::rate);
  m.def("callback_address", &callback_address,
        "Address of the PortAudio callback; its user data is TakeBuffer.user_data_address().");
}
