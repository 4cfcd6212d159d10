// The module rtgen._bridge: the take buffer and the sound card's callback for Python, and frames.
#include <cstdint>
#include <stdexcept>

#include "bindings.h"
#include "rtgen/device_callback.h"
#include "rtgen/jack_output.h"
#include "rtgen/take_buffer.h"

namespace py = pybind11;

namespace {

using rtgen::python::Samples;

class TakeBuffer {
 public:
  TakeBuffer(std::uint32_t rate, std::uint32_t capacity) : takes_(rate, capacity) {}

  std::uint32_t begin_take(std::int64_t start, bool jump) {
    if (start <= -rtgen::kFarthest || start >= rtgen::kFarthest) {
      throw std::invalid_argument("start must be within 2**61 frames of 0");
    }
    return takes_.writer.begin(start, jump);
  }

  std::int64_t write(const Samples& samples) {
    if (samples.ndim() != 2 || samples.shape(1) != 2) {
      throw std::invalid_argument("samples must have the shape (frames, 2)");
    }
    const auto* source = reinterpret_cast<const rtgen::Frame*>(samples.data());
    const auto count = static_cast<std::int64_t>(samples.shape(0));
    const py::gil_scoped_release release;
    return takes_.writer.write(source, count);
  }

  std::int64_t space() const { return takes_.writer.space(); }
  std::int64_t playhead() const { return takes_.writer.playhead(); }
  std::uint32_t rate() const { return takes_.memory().rate; }

  py::array_t<float> read(std::uint32_t count) {
    py::array_t<float> out({static_cast<py::ssize_t>(count), static_cast<py::ssize_t>(2)});
    float* target = out.mutable_data();
    {
      const py::gil_scoped_release release;
      takes_.reader.read(target, count);
    }
    return out;
  }

  py::array_t<float> read_tap() {
    const std::uint64_t held = takes_.tap.held();
    py::array_t<float> out({static_cast<py::ssize_t>(held), static_cast<py::ssize_t>(2)});
    takes_.tap.pop(reinterpret_cast<rtgen::Frame*>(out.mutable_data()), held);
    return out;
  }

  void set_gain(float gain) {
    if (!(gain >= 0.0F && gain <= rtgen::OutputStage::kHighestGain)) {
      throw std::invalid_argument("gain must be 0..4");
    }
    takes_.reader.gain.store(gain, std::memory_order_relaxed);
  }

  void set_paused(bool paused) { takes_.reader.paused.store(paused, std::memory_order_relaxed); }
  bool paused() const { return takes_.reader.paused.load(std::memory_order_relaxed); }
  void set_tapped(bool tapped) { takes_.reader.tapped.store(tapped, std::memory_order_relaxed); }

  py::dict stats() const {
    const rtgen::Meters& m = takes_.reader.meters;
    py::dict out;
    out["underruns"] = m.underruns.load(std::memory_order_relaxed);
    out["missing_frames"] = m.missing_frames.load(std::memory_order_relaxed);
    out["not_finite"] = m.not_finite.load(std::memory_order_relaxed);
    out["takes"] = m.takes.load(std::memory_order_relaxed);
    out["frames"] = m.frames.load(std::memory_order_relaxed);
    out["tap_lost"] = m.tap_lost.load(std::memory_order_relaxed);
    out["peak_left"] = m.peak_left.load(std::memory_order_relaxed);
    out["peak_right"] = m.peak_right.load(std::memory_order_relaxed);
    out["rms_left"] = m.rms_left.load(std::memory_order_relaxed);
    out["rms_right"] = m.rms_right.load(std::memory_order_relaxed);
    return out;
  }

  std::uintptr_t user_data_address() const {
    return reinterpret_cast<std::uintptr_t>(&takes_.reader);
  }

  rtgen::TakeReader& reader() { return takes_.reader; }

 private:
  rtgen::TakeBuffer takes_;
};

template <typename Pointer>
Pointer pointer(std::uintptr_t address) {
  return reinterpret_cast<Pointer>(address);
}

class JackOutput {
 public:
  JackOutput(TakeBuffer& buffer, std::uintptr_t client, std::uintptr_t left, std::uintptr_t right,
             std::uintptr_t buffer_of, std::uintptr_t transport, bool follows) {
    output_.reader = &buffer.reader();
    output_.client = pointer<const void*>(client);
    output_.left = pointer<void*>(left);
    output_.right = pointer<void*>(right);
    output_.buffer_of = pointer<rtgen::JackOutput::BufferOf>(buffer_of);
    output_.transport = pointer<rtgen::JackOutput::TransportQuery>(transport);
    output_.follows = follows;
  }

  bool rolling() const { return output_.rolling.load(std::memory_order_acquire); }
  std::uint32_t frame() const { return output_.frame.load(std::memory_order_relaxed); }
  std::uintptr_t address() const { return reinterpret_cast<std::uintptr_t>(&output_); }

 private:
  rtgen::JackOutput output_;
};

std::uintptr_t jack_callback_address() {
  return reinterpret_cast<std::uintptr_t>(&rtgen::jack_callback);
}

std::uintptr_t callback_address() {
  return reinterpret_cast<std::uintptr_t>(&rtgen::device_callback);
}

}  // namespace

PYBIND11_MODULE(_bridge, m) {
  m.doc() = "The take buffer, and the callback that reads it on the audio thread.";
  py::class_<TakeBuffer>(m, "TakeBuffer",
                         "Takes of stereo frames at absolute positions; one engine thread writes, "
                         "one audio thread reads.")
      .def(py::init<std::uint32_t, std::uint32_t>(), py::arg("rate"),
           py::arg("capacity") = 1U << 18)
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
  py::class_<JackOutput>(m, "JackOutput", "What the JACK callback wants as its user data.")
      .def(py::init<TakeBuffer&, std::uintptr_t, std::uintptr_t, std::uintptr_t, std::uintptr_t,
                    std::uintptr_t, bool>(),
           py::arg("buffer"), py::arg("client"), py::arg("left"), py::arg("right"),
           py::arg("buffer_of"), py::arg("transport"), py::arg("follows"), py::keep_alive<1, 2>())
      .def("address", &JackOutput::address)
      .def_property_readonly("rolling", &JackOutput::rolling)
      .def_property_readonly("frame", &JackOutput::frame);
  m.def("jack_callback_address", &jack_callback_address, "Address of the JACK process callback.");
  rtgen::python::bind_segments(m);
  rtgen::python::bind_synthesis(m);
}
