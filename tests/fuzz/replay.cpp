// Runs one fuzz target over its corpus and over mutations of it, the same ones each time:
//   fuzz_<target> <corpus folder> [mutations]
// The seed is 1, or TANNHA_TEST_SEED. What fails is printed as hexadecimal, and the exit code is 1;
// it is 2 when there is nothing to run.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t input_bytes_max = 16 * 1024;
constexpr unsigned long mutations_default = 20'000;

// What is being run, for the signal handler.
const Input* running = nullptr;

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Ends with a plain exit code: CTest takes a signal for a broken test, even where a failure is
// expected. Calls nothing but what a signal handler may call.
void report(int) {
  constexpr std::string_view digits = "0123456789abcdef";
  write_all("input: ");
  if (running != nullptr) {
    for (const std::uint8_t byte : *running) {
      const std::array<char, 2> pair{digits[byte >> 4], digits[byte & 15]};
      write_all({pair.data(), pair.size()});
    }
  }
  write_all("\n");
  _exit(1);
}

void run(const Input& input) {
  running = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
  running = nullptr;
}

class Mutator {
 public:
  Mutator(const std::vector<Input>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

  Input next() {
    Input input = corpus_[below(corpus_.size())];
    for (std::size_t change = below(6) + 1; change > 0; --change) mutate(input);
    if (input.size() > input_bytes_max) input.resize(input_bytes_max);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::uint8_t byte() {
    // Bytes at which lengths, types and characters change their meaning.
    constexpr std::array<std::uint8_t, 16> notable = {0x00, 0x17, 0x18, 0x19, 0x1b, 0x1f,
                                                      0x20, 0x40, 0x5f, 0x60, 0x7f, 0x80,
                                                      0xa0, 0xc0, 0xf6, 0xff};
    return below(4) == 0 ? notable[below(notable.size())] : static_cast<std::uint8_t>(random_());
  }

  void mutate(Input& input) {
    if (input.empty()) {
      input.push_back(byte());
      return;
    }
    const std::size_t at = below(input.size());
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(8)) {
      case 0:
        input[at] = static_cast<std::uint8_t>(input[at] ^ (1U << below(8)));
        break;
      case 1:
        input[at] = byte();
        break;
      case 2:
        input[at] = static_cast<std::uint8_t>(input[at] + (below(2) == 0 ? 1 : 255));
        break;
      case 3:
        input.insert(place, byte());
        break;
      case 4:
        input.erase(place,
                    place + static_cast<std::ptrdiff_t>(std::min(below(8) + 1, input.size() - at)));
        break;
      case 5:
        input.resize(at);
        break;
      default:
        copy_from(corpus_[below(corpus_.size())], input, at);
        break;
    }
  }

  /// Puts a piece of another input in place of what stands here, or before it.
  void copy_from(const Input& other, Input& input, std::size_t at) {
    if (other.empty()) return;
    const std::size_t begin = below(other.size());
    const std::size_t count = std::min(below(64) + 1, other.size() - begin);
    const auto first = other.begin() + static_cast<std::ptrdiff_t>(begin);
    const Input piece(first, first + static_cast<std::ptrdiff_t>(count));
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    if (below(2) == 0) {
      input.erase(place, place + static_cast<std::ptrdiff_t>(std::min(count, input.size() - at)));
    }
    input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
  }

  const std::vector<Input>& corpus_;
  std::mt19937_64 random_;
};

std::vector<Input> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  // A folder has no order of its own, and the mutations must be the same everywhere.
  std::ranges::sort(paths);
  std::vector<Input> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    corpus.emplace_back(text.begin(), text.end());
  }
  return corpus;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments.size() > 2) {
    std::fprintf(stderr, "usage: fuzz_<target> <corpus folder> [mutations]\n");
    return 2;
  }
  const std::vector<Input> corpus = read_corpus(arguments[0]);
  if (corpus.empty()) {
    std::fprintf(stderr, "no inputs in %s\n", arguments[0].c_str());
    return 2;
  }
  const unsigned long mutations =
      arguments.size() == 2 ? std::strtoul(arguments[1].c_str(), nullptr, 10) : mutations_default;
  const char* text = std::getenv("TANNHA_TEST_SEED");
  const std::uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : 1;
  std::printf("TANNHA_TEST_SEED=%llu, %zu inputs, %lu mutations\n",
              static_cast<unsigned long long>(seed), corpus.size(), mutations);
  std::fflush(stdout);

  std::signal(SIGABRT, report);
#ifndef __SANITIZE_ADDRESS__
  std::signal(SIGSEGV, report);
#endif
  run({});
  for (const Input& input : corpus) run(input);
  Mutator mutator(corpus, seed);
  for (unsigned long i = 0; i < mutations; ++i) run(mutator.next());
  return 0;
}
