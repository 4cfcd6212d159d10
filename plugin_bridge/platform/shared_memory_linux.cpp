// A memfd, sealed: whoever maps it can rely on its size, and nothing is left behind by a crash.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shared_memory.h"

namespace rtgen {

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) munmap(data_, size_);
  if (descriptor_ >= 0) close(descriptor_);
}

bool SharedMemory::create(std::size_t size) noexcept {
  descriptor_ = memfd_create("rtgen", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor_ < 0 || ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return false;
  if (fcntl(descriptor_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return false;
  // Populated at once: a page fault on the audio thread would be a wait.
  void* mapped =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor_, 0);
  if (mapped == MAP_FAILED) return false;
  data_ = mapped;
  size_ = size;
  return true;
}

}  // namespace rtgen
