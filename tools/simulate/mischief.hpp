#pragma once

#include "tools/simulate/people.hpp"

namespace tannha::simulate {

/// Devices whose owners mean ill: one that writes its own bytes with an enrolled key, and honest
/// phones in hands that try what their role may not.
class Mischief {
 public:
  /// All must outlive this.
  Mischief(World& world, ServerNode& server, People& people)
      : world_(world), server_(server), people_(people), rng_(world.rng("mischief")) {}

  /// Plans it until then. The device is a courier of its own, that nobody works with.
  void plan(Ms until);

 private:
  void commit(Fault fault);
  void fork();
  void leave_gap();
  void send_bad_cbor();
  void send_wrong_beacon();
  void use_foreign_name();
  void replay();
  bool forge_countersignature();
  bool forge_countersignature(Phone& phone, const Dossier& d, bool as_citizen);
  bool overreach();
  void send_unknown_type();

  [[nodiscard]] Record forge(RecordHeader header, const std::string& text);
  [[nodiscard]] RecordHeader next_header();
  [[nodiscard]] Id some_dossier();
  void push(const std::vector<Record>& records);
  void send(Bytes frame);
  Phone* somebody(Role role);

  World& world_;
  ServerNode& server_;
  People& people_;
  Rng rng_;
  Phone* device_ = nullptr;
  Hash log_{};
  Hash head_{};
  std::uint64_t next_seq_ = 0;
  std::vector<Record> written_;
};

}  // namespace tannha::simulate
