// Overlap-added frames for rtgen.audio: what costs most of the synthesis, for any processor.
#include <algorithm>
#include <complex>
#include <cstdint>
#include <stdexcept>

#include "bindings.h"
#include "rtgen/overlapped_frames.h"

// One version each for processors with and without wide vectors, chosen when the module is loaded.
#if defined(__x86_64__) && defined(__gnu_linux__) && (defined(__clang__) || __GNUC__ >= 12)
#define RTGEN_VERSIONS __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define RTGEN_VERSIONS
#endif

namespace py = pybind11;

namespace {

using rtgen::NoiseFrames;
using rtgen::ToneFrames;
template <typename T>
using Array = py::array_t<T, py::array::c_style>;

RTGEN_VERSIONS void overlap(const NoiseFrames& frames, const float* magnitudes,
                            const std::int64_t* rows, std::size_t count, float* out) {
  frames.overlap(magnitudes, rows, count, out);
}

RTGEN_VERSIONS void overlap(const ToneFrames& frames, const float* real, const float* imaginary,
                            std::size_t count, float* out) {
  frames.overlap(real, imaginary, count, out);
}

template <typename T>
void demand(const Array<T>& array, py::ssize_t channels, py::ssize_t count, py::ssize_t last) {
  const bool flat = array.ndim() == 2 && last == 0;
  if (!(flat || (array.ndim() == 3 && array.shape(2) == last)) || array.shape(0) != channels ||
      array.shape(1) != count) {
    throw std::invalid_argument("arrays do not fit each other");
  }
}

void add_noise_frames(const NoiseFrames& frames, const Array<float>& magnitudes,
                      const Array<std::int64_t>& rows, Array<float>& out) {
  if (rows.ndim() != 2 || rows.shape(1) < NoiseFrames::kOverlap) {
    throw std::invalid_argument("rows must have the shape (channels, frames), 4 frames at least");
  }
  const py::ssize_t channels = rows.shape(0);
  const py::ssize_t count = rows.shape(1);
  const py::ssize_t length = NoiseFrames::kHop * (count - NoiseFrames::kOverlap + 1);
  demand(magnitudes, channels, count, NoiseFrames::kBins);
  demand(out, channels, length, 0);
  const std::int64_t* row = rows.data();
  const auto most = static_cast<std::int64_t>(frames.rows());
  if (!std::all_of(row, row + rows.size(), [=](auto r) { return r >= 0 && r < most; })) {
    throw std::invalid_argument("rows must be in the table");
  }
  const float* magnitude = magnitudes.data();
  float* made = out.mutable_data();
  const py::gil_scoped_release release;
  for (py::ssize_t channel = 0; channel < channels; ++channel) {
    overlap(frames, magnitude + channel * count * NoiseFrames::kBins, row + channel * count,
            static_cast<std::size_t>(count), made + channel * length);
  }
}

void add_tone_frames(const Array<float>& real, const Array<float>& imaginary, Array<float>& out) {
  static const ToneFrames frames;
  if (real.ndim() != 3 || real.shape(1) < 2) {
    throw std::invalid_argument(
        "real must have the shape (channels, frames, 257), 2 frames at least");
  }
  const py::ssize_t channels = real.shape(0);
  const py::ssize_t count = real.shape(1);
  const py::ssize_t length = ToneFrames::kHop * (count - 1);
  demand(real, channels, count, ToneFrames::kBins);
  demand(imaginary, channels, count, ToneFrames::kBins);
  demand(out, channels, length, 0);
  const float* re = real.data();
  const float* im = imaginary.data();
  float* made = out.mutable_data();
  const py::gil_scoped_release release;
  for (py::ssize_t channel = 0; channel < channels; ++channel) {
    const py::ssize_t from = channel * count * ToneFrames::kBins;
    overlap(frames, re + from, im + from, static_cast<std::size_t>(count), made + channel * length);
  }
}

}  // namespace

void rtgen::python::bind_synthesis(py::module_& m) {
  py::class_<NoiseFrames>(m, "NoiseFrames", "Spectra of noise, ready to be shaped.")
      .def(py::init([](const Array<std::complex<float>>& table) {
             if (table.ndim() != 2 || table.shape(1) != NoiseFrames::kBins) {
               throw std::invalid_argument("the table must have the shape (rows, 257)");
             }
             return NoiseFrames(table.data(), static_cast<std::size_t>(table.shape(0)));
           }),
           py::arg("table"))
      .def("add", &add_noise_frames, py::arg("magnitudes").noconvert(), py::arg("rows"),
           py::arg("out").noconvert());
  m.def("add_tone_frames", &add_tone_frames, py::arg("real").noconvert(),
        py::arg("imaginary").noconvert(), py::arg("out").noconvert());
}
