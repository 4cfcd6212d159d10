// The parts of the module rtgen._bridge, one function for each file.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace rtgen::python {

using Samples = pybind11::array_t<float, pybind11::array::c_style | pybind11::array::forcecast>;

void bind_segments(pybind11::module_& m);
void bind_synthesis(pybind11::module_& m);

}  // namespace rtgen::python
