// Both ends of a shared segment for Python: the engine's, and a host's for tests and measurements.
#include <stdexcept>
#include <string>

#include "bindings.h"
#include "rtgen/segment.h"
#include "rtgen/take_reader.h"
#include "rtgen/take_writer.h"

namespace py = pybind11;

namespace rtgen::python {

namespace {

const char* reason(Refusal refusal) {
  switch (refusal) {
    case Refusal::kTooSmall:
      return "it is too small";
    case Refusal::kMisaligned:
      return "it is not aligned";
    case Refusal::kNotTakes:
      return "it is no segment";
    case Refusal::kVersion:
      return "it has another version";
    case Refusal::kRate:
      return "its sample rate is out of bounds";
    case Refusal::kCapacity:
      return "its capacity is out of bounds";
    case Refusal::kNone:
      break;
  }
  return "";
}

void demand(Refusal refusal) {
  if (refusal != Refusal::kNone) {
    throw std::invalid_argument(std::string("this memory cannot be used: ") + reason(refusal));
  }
}

// Memory that Python mapped, kept while it is used.
class Mapped {
 public:
  explicit Mapped(const py::buffer& memory) : info_(memory.request(true)) {}
  void* data() const { return info_.ptr; }
  std::size_t size() const { return static_cast<std::size_t>(info_.size * info_.itemsize); }

 private:
  py::buffer_info info_;
};

Segment attached(const Mapped& memory) {
  Segment segment;
  demand(segment.attach(memory.data(), memory.size()));
  return segment;
}

class EngineSegment {
 public:
  explicit EngineSegment(const py::buffer& memory)
      : memory_(memory), segment_(attached(memory_)), writer_(segment_.takes()) {}

  std::uint32_t rate() const { return segment_.takes().rate; }
  std::int64_t space() const { return writer_.space(); }
  std::int64_t playhead() const { return writer_.playhead(); }

  std::uint32_t begin_take(std::int64_t start, bool jump) {
    if (start <= -kFarthest || start >= kFarthest) {
      throw std::invalid_argument("start must be within 2**61 frames of 0");
    }
    return writer_.begin(start, jump);
  }

  std::int64_t write(const Samples& samples) {
    if (samples.ndim() != 2 || samples.shape(1) != 2) {
      throw std::invalid_argument("samples must have the shape (frames, 2)");
    }
    const auto* source = reinterpret_cast<const Frame*>(samples.data());
    const auto count = static_cast<std::int64_t>(samples.shape(0));
    const py::gil_scoped_release release;
    return writer_.write(source, count);
  }

  py::object state() const {
    HostState s;
    if (!segment_.host().state.load(s)) return py::none();
    py::tuple values(kHostValues);
    for (std::uint32_t k = 0; k < kHostValues; ++k) values[k] = s.values[k];
    return py::make_tuple(s.revision, s.locates, s.notes, s.position, s.beat, s.tempo, s.bar_beats,
                          s.playing != 0, s.offline != 0, s.block, s.fresh, values);
  }

  py::list midi() {
    py::list out;
    HostMidi message;
    // Not for as long as there are more: a plugin could go on saying so.
    for (std::uint32_t k = 0; k < HostMidiQueue::kCapacity && segment_.host().midi.pop(message);
         ++k) {
      out.append(
          py::make_tuple(message.position, message.bytes[0], message.bytes[1], message.bytes[2]));
    }
    return out;
  }

  std::uint64_t host_beats() const { return segment_.host().beats.load(std::memory_order_acquire); }
  std::int64_t wanted() const { return segment_.host().wanted.load(std::memory_order_acquire); }

  void settle(std::int64_t until) {
    segment_.engine().settled.store(until, std::memory_order_release);
  }
  void answer(std::uint64_t revision) {
    segment_.engine().answered.store(revision, std::memory_order_release);
  }
  void beat(float speed) {
    segment_.engine().speed.store(speed, std::memory_order_relaxed);
    segment_.engine().beats.fetch_add(1, std::memory_order_release);
  }

 private:
  Mapped memory_;
  Segment segment_;
  TakeWriter writer_;
};

Segment laid_out(const Mapped& memory, std::uint32_t rate, std::uint32_t capacity) {
  Segment segment;
  demand(segment.create(memory.data(), memory.size(), rate, capacity));
  return segment;
}

class HostSegment {
 public:
  HostSegment(const py::buffer& memory, std::uint32_t rate, std::uint32_t capacity)
      : memory_(memory),
        segment_(laid_out(memory_, rate, capacity)),
        reader_(segment_.takes(), nullptr) {}

  void publish(const py::dict& said) {
    state_.revision += 1;
    state_.locates = said["locates"].cast<std::uint64_t>();
    state_.notes = said["notes"].cast<std::uint64_t>();
    state_.position = said["position"].cast<std::int64_t>();
    state_.beat = said["beat"].cast<double>();
    state_.tempo = said["tempo"].cast<double>();
    state_.bar_beats = said["bar_beats"].cast<double>();
    state_.playing = said["playing"].cast<bool>() ? 1 : 0;
    state_.offline = said["offline"].cast<bool>() ? 1 : 0;
    state_.block = said["block"].cast<std::uint32_t>();
    state_.fresh = said["fresh"].cast<std::uint32_t>();
    const auto values = said["values"].cast<py::sequence>();
    if (values.size() != kHostValues) throw std::invalid_argument("values: wrong number");
    for (std::uint32_t k = 0; k < kHostValues; ++k) state_.values[k] = values[k].cast<float>();
    segment_.host().state.store(state_);
  }

  bool send_midi(std::int64_t position, std::uint8_t status, std::uint8_t a, std::uint8_t b) {
    return segment_.host().midi.push({position, {status, a, b, 0}});
  }

  void want(std::int64_t until) { segment_.host().wanted.store(until, std::memory_order_release); }

  py::array_t<float> read_at(std::int64_t position, std::uint32_t count) {
    py::array_t<float> out({static_cast<py::ssize_t>(count), static_cast<py::ssize_t>(2)});
    segment_.host().beats.fetch_add(1, std::memory_order_release);
    reader_.read_at(position, out.mutable_data(), count);
    return out;
  }

  std::uint64_t revision() const { return state_.revision; }
  std::uint64_t answered() const {
    return segment_.engine().answered.load(std::memory_order_acquire);
  }
  std::int64_t settled() const { return segment_.engine().settled.load(std::memory_order_acquire); }
  std::uint64_t engine_beats() const {
    return segment_.engine().beats.load(std::memory_order_acquire);
  }
  std::uint64_t underruns() const {
    return reader_.meters.underruns.load(std::memory_order_relaxed);
  }

 private:
  Mapped memory_;
  Segment segment_;
  TakeReader reader_;
  HostState state_;
};

}  // namespace

void bind_segments(py::module_& m) {
  m.attr("SEGMENT_VERSION") = kSegmentVersion;
  m.def("segment_bytes", &Segment::bytes, py::arg("capacity"), "Size of a segment.");
  py::class_<EngineSegment>(m, "EngineSegment", "The engine's end of a shared segment.")
      .def(py::init<const py::buffer&>(), py::arg("memory"))
      .def("begin_take", &EngineSegment::begin_take, py::arg("start"), py::arg("jump") = false)
      .def("write", &EngineSegment::write, py::arg("samples"))
      .def("space", &EngineSegment::space)
      .def("playhead", &EngineSegment::playhead)
      .def("state", &EngineSegment::state)
      .def("midi", &EngineSegment::midi)
      .def("host_beats", &EngineSegment::host_beats)
      .def("wanted", &EngineSegment::wanted)
      .def("settle", &EngineSegment::settle, py::arg("until"))
      .def("answer", &EngineSegment::answer, py::arg("revision"))
      .def("beat", &EngineSegment::beat, py::arg("speed"))
      .def_property_readonly("rate", &EngineSegment::rate);
  py::class_<HostSegment>(m, "HostSegment", "A host's end of a shared segment.")
      .def(py::init<const py::buffer&, std::uint32_t, std::uint32_t>(), py::arg("memory"),
           py::arg("rate"), py::arg("capacity"))
      .def("publish", &HostSegment::publish, py::arg("said"))
      .def("send_midi", &HostSegment::send_midi, py::arg("position"), py::arg("status"),
           py::arg("a"), py::arg("b"))
      .def("want", &HostSegment::want, py::arg("until"))
      .def("read_at", &HostSegment::read_at, py::arg("position"), py::arg("count"))
      .def("answered", &HostSegment::answered)
      .def("settled", &HostSegment::settled)
      .def("engine_beats", &HostSegment::engine_beats)
      .def("underruns", &HostSegment::underruns)
      .def_property_readonly("revision", &HostSegment::revision);
}

}  // namespace rtgen::python
