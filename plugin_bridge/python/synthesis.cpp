// Overlap-added frames for rtgen.audio: what costs most of the synthesis, for any processor.
#include <algorithm>
#include <complex>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "bindings.h"
#include "rtgen/mixdown.h"
#include "rtgen/overlapped_frames.h"
#include "rtgen/tone_bank.h"

// One version each for processors with and without wide vectors, chosen when the module is loaded.
#if defined(__x86_64__) && defined(__gnu_linux__) && (defined(__clang__) || __GNUC__ >= 12)
#define RTGEN_VERSIONS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define RTGEN_VERSIONS
#endif

namespace py = pybind11;

namespace {

using rtgen::kLowStep;
using rtgen::kLowTaps;
using rtgen::NoiseFrames;
using rtgen::ToneBank;
template <typename T>
using Array = py::array_t<T, py::array::c_style>;

RTGEN_VERSIONS void overlap(const NoiseFrames& frames, const float* loud, std::size_t stride,
                            const std::int64_t* rows, std::size_t count, float* out) {
  frames.overlap(loud, stride, rows, count, out);
}

RTGEN_VERSIONS void overlap(const ToneBank& bank, const ToneBank::Said& said, float* mid,
                            float* side) {
  bank.overlap(said, mid, side);
}

RTGEN_VERSIONS void steady(const float* amplitudes, std::size_t count, std::size_t width,
                           float* out) {
  rtgen::steady(amplitudes, count, width, out);
}

RTGEN_VERSIONS void mix_parts(const rtgen::Sides& parts, const float* low, const float* kernel,
                              std::size_t blocks, float* out) {
  rtgen::mix(parts, low, kernel, blocks, out);
}

RTGEN_VERSIONS void bend(float* samples, std::size_t count, float knee) {
  rtgen::bend(samples, count, knee);
}

template <typename T>
void demand(const Array<T>& array, py::ssize_t channels, py::ssize_t count, py::ssize_t last) {
  const bool flat = array.ndim() == 2 && last == 0;
  if (!(flat || (array.ndim() == 3 && array.shape(2) == last)) || array.shape(0) != channels ||
      array.shape(1) != count) {
    throw std::invalid_argument("arrays do not fit each other");
  }
}

void demand_below(const char* what, const Array<std::int64_t>& indices, std::int64_t count) {
  const std::int64_t* index = indices.data();
  if (!std::all_of(index, index + indices.size(), [=](auto i) { return i >= 0 && i < count; })) {
    throw std::invalid_argument(std::string(what) + " must lie in 0.." + std::to_string(count - 1));
  }
}

void add_noise_frames(const NoiseFrames& frames, const Array<float>& loud,
                      const Array<std::int64_t>& rows, Array<float>& out) {
  if (rows.ndim() != 2 || rows.shape(1) < NoiseFrames::kOverlap) {
    throw std::invalid_argument("rows must have the shape (channels, frames), 4 frames at least");
  }
  const py::ssize_t channels = rows.shape(0);
  const py::ssize_t count = rows.shape(1);
  const py::ssize_t length = NoiseFrames::kHop * (count - NoiseFrames::kOverlap + 1);
  demand(loud, count, channels, NoiseFrames::kBands);
  demand(out, channels, length, 0);
  demand_below("rows", rows, static_cast<std::int64_t>(frames.rows()));
  const std::int64_t* row = rows.data();
  const float* said = loud.data();
  float* made = out.mutable_data();
  const py::gil_scoped_release release;
  for (py::ssize_t channel = 0; channel < channels; ++channel) {
    overlap(frames, said + channel * NoiseFrames::kBands,
            static_cast<std::size_t>(channels * NoiseFrames::kBands), row + channel * count,
            static_cast<std::size_t>(count), made + channel * length);
  }
}

void add_tones(const ToneBank& bank, const Array<float>& amplitudes,
               const Array<std::int64_t>& carriers, const Array<float>& ratios, py::ssize_t ahead,
               const Array<std::complex<float>>& phases, const Array<std::complex<float>>& turns,
               Array<float>& out) {
  if (amplitudes.ndim() != 2 || amplitudes.shape(0) < 2) {
    throw std::invalid_argument(
        "amplitudes must have the shape (sub-frames, carriers), 2 sub-frames at least");
  }
  constexpr auto kPerFrame = static_cast<py::ssize_t>(ToneBank::kPerFrame);
  const py::ssize_t count = amplitudes.shape(0);
  const py::ssize_t heard = amplitudes.shape(1);
  if (ahead < 0 || ahead >= kPerFrame) throw std::invalid_argument("ahead must be 0 to 3");
  demand(ratios, (count - 1 + ahead) / kPerFrame + 1, heard, 0);
  demand(turns, count, ToneBank::kCarriers, 0);
  demand(out, 2, ToneBank::kHop * (count - 1), 0);
  if (carriers.ndim() != 1 || carriers.shape(0) != heard || phases.ndim() != 1 ||
      phases.shape(0) != ToneBank::kCarriers) {
    throw std::invalid_argument("arrays do not fit each other");
  }
  demand_below("carriers", carriers, ToneBank::kCarriers);
  const ToneBank::Said said{static_cast<std::size_t>(count),
                            static_cast<std::size_t>(heard),
                            static_cast<std::size_t>(ahead),
                            carriers.data(),
                            amplitudes.data(),
                            ratios.data(),
                            phases.data(),
                            turns.data()};
  float* made = out.mutable_data();
  const py::gil_scoped_release release;
  overlap(bank, said, made, made + ToneBank::kHop * (count - 1));
}

void steady_amplitudes(const Array<float>& amplitudes, Array<float>& out) {
  constexpr py::ssize_t kAround = 4;
  if (amplitudes.ndim() != 2 || amplitudes.shape(0) <= kAround) {
    throw std::invalid_argument(
        "amplitudes must have the shape (frames, carriers), 5 frames at least");
  }
  const py::ssize_t count = amplitudes.shape(0);
  const py::ssize_t width = amplitudes.shape(1);
  demand(out, count - kAround, width, 0);
  const float* from = amplitudes.data();
  float* made = out.mutable_data();
  const py::gil_scoped_release release;
  steady(from, static_cast<std::size_t>(count), static_cast<std::size_t>(width), made);
}

// Mid and side may lie apart, as cut out of longer ones.
void demand_sides(const py::array_t<float>& sides, py::ssize_t count) {
  if (sides.ndim() != 2 || sides.shape(0) != 2 || sides.shape(1) != count ||
      sides.strides(1) != static_cast<py::ssize_t>(sizeof(float))) {
    throw std::invalid_argument("tones and noise must have the shape (2, samples)");
  }
}

void mix_stereo(const py::array_t<float>& tones, const py::array_t<float>& noise,
                const Array<float>& low, const Array<float>& kernel, Array<float>& out) {
  if (low.ndim() != 1 || low.shape(0) < kLowTaps) {
    throw std::invalid_argument("low must have 17 samples at least");
  }
  const py::ssize_t blocks = low.shape(0) - kLowTaps + 1;
  demand_sides(tones, blocks * kLowStep);
  demand_sides(noise, blocks * kLowStep);
  demand(kernel, kLowTaps, kLowStep, 0);
  demand(out, blocks * kLowStep, 2, 0);
  const rtgen::Sides parts{{tones.data(0, 0), noise.data(0, 0)},
                           {tones.data(1, 0), noise.data(1, 0)}};
  const float* said = low.data();
  const float* taps = kernel.data();
  float* made = out.mutable_data();
  const py::gil_scoped_release release;
  mix_parts(parts, said, taps, static_cast<std::size_t>(blocks), made);
}

void bend_peaks(Array<float>& samples, float knee) {
  if (!(knee > 0.0F && knee < 1.0F)) throw std::invalid_argument("knee must be between 0 and 1");
  float* made = samples.mutable_data();
  const auto count = static_cast<std::size_t>(samples.size());
  const py::gil_scoped_release release;
  bend(made, count, knee);
}

}  // namespace

void rtgen::python::bind_synthesis(py::module_& m) {
  py::class_<NoiseFrames>(m, "NoiseFrames", "Spectra of noise, ready to be shaped.")
      .def(py::init([](const Array<std::complex<float>>& table, const Array<float>& bands) {
             if (table.ndim() != 2 || table.shape(1) != NoiseFrames::kBins) {
               throw std::invalid_argument("the table must have the shape (rows, 257)");
             }
             demand(bands, NoiseFrames::kBands, NoiseFrames::kBins, 0);
             return NoiseFrames(table.data(), static_cast<std::size_t>(table.shape(0)),
                                bands.data());
           }),
           py::arg("table"), py::arg("bands"))
      .def("add", &add_noise_frames, py::arg("amplitudes").noconvert(), py::arg("rows"),
           py::arg("out").noconvert());
  py::class_<ToneBank>(m, "ToneBank", "Spectra of carriers, ready to be summed.")
      .def(py::init([](const Array<float>& cosine, const Array<float>& sine) {
             demand(cosine, ToneBank::kCarriers, ToneBank::kBins, 0);
             demand(sine, ToneBank::kCarriers, ToneBank::kBins, 0);
             return ToneBank(cosine.data(), sine.data());
           }),
           py::arg("cosine"), py::arg("sine"))
      .def("add", &add_tones, py::arg("amplitudes").noconvert(), py::arg("carriers"),
           py::arg("ratios").noconvert(), py::arg("ahead"), py::arg("phases").noconvert(),
           py::arg("turns").noconvert(), py::arg("out").noconvert());
  m.def("steady_amplitudes", &steady_amplitudes, py::arg("amplitudes").noconvert(),
        py::arg("out").noconvert());
  m.def("mix_stereo", &mix_stereo, py::arg("tones").noconvert(), py::arg("noise").noconvert(),
        py::arg("low").noconvert(), py::arg("kernel").noconvert(), py::arg("out").noconvert());
  m.def("bend_peaks", &bend_peaks, py::arg("samples").noconvert(), py::arg("knee"));
}
