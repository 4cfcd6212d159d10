// Memory that this process makes and another may map, for as long as either holds it.
//
// One implementation for each system: Linux has a sealed memfd (shared_memory_linux.cpp). A system
// without descriptors would carry a handle in the same place.
#pragma once

#include <cstddef>

namespace rtgen {

class SharedMemory {
 public:
  SharedMemory() noexcept = default;
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  // Makes `size` zeroed bytes that can neither shrink nor grow; false if the system has none.
  bool create(std::size_t size) noexcept;

  void* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  int descriptor() const noexcept { return descriptor_; }  // to be handed over, -1: none

 private:
  void* data_{nullptr};
  std::size_t size_{0};
  int descriptor_{-1};
};

}  // namespace rtgen
