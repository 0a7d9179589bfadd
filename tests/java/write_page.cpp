// write_page FILE: a photograph of a page, of several pieces' size, for tests in other languages.

#include <fstream>

#include "tools/photo/jpeg_generator.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const tannha::Bytes jpeg =
      tannha::tools::make_page({.width = 1800, .height = 2400, .seed = 5});
  std::ofstream file(argv[1], std::ios::binary);
  file << tannha::as_text(jpeg);
  return file.flush() && jpeg.size() > 256 * 1024 ? 0 : 1;
}
