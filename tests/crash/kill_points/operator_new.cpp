// Preloaded with kill_points.c: what C++ asks for memory goes through its malloc, also where the
// program's allocator has an operator new of its own.
#include <cstdlib>
#include <new>

namespace {

void* checked(void* memory) {
  if (!memory) throw std::bad_alloc();
  return memory;
}
void* plain(std::size_t size) noexcept {
  return std::malloc(size > 0 ? size : 1);
}
void* aligned(std::size_t size, std::align_val_t alignment) noexcept {
  void* memory = nullptr;
  const int rc = posix_memalign(&memory, static_cast<std::size_t>(alignment), size > 0 ? size : 1);
  return rc == 0 ? memory : nullptr;
}

}  // namespace

void* operator new(std::size_t size) {
  return checked(plain(size));
}
void* operator new[](std::size_t size) {
  return checked(plain(size));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return plain(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return plain(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return checked(aligned(size, alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return checked(aligned(size, alignment));
}
