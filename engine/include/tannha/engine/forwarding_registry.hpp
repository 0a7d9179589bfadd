#pragma once

#include "tannha/engine/registry.hpp"

namespace tannha {

/// A registry that does nothing but ask another one: what stands between the registry's logic and
/// its store overrides what it wants to see or to spoil.
class ForwardingRegistry : public Registry {
 public:
  /// @param to must outlive this
  explicit ForwardingRegistry(Registry& to) : to_(to) {}

  Result<void> begin() override { return to_.begin(); }
  Result<void> commit() override { return to_.commit(); }
  void rollback() override { to_.rollback(); }
  std::uint64_t writes() const override { return to_.writes(); }
  std::uint64_t generation() const override { return to_.generation(); }
  Result<std::optional<LogEntry>> log(const Hash& id) override { return to_.log(id); }
  Result<void> put_log(const LogEntry& log) override { return to_.put_log(log); }
  Result<void> move_head(const Hash& log, std::uint64_t next_seq, const Hash& head) override {
    return to_.move_head(log, next_seq, head);
  }
  Result<std::optional<Evidence>> record(const Hash& hash) override { return to_.record(hash); }
  Result<void> set_log_state(const Hash& log, const LogState& state) override {
    return to_.set_log_state(log, state);
  }
  Result<std::uint64_t> log_end(const Hash& log) override { return to_.log_end(log); }
  Result<std::vector<Hash>> records_at(const Hash& log, std::uint64_t seq) override {
    return to_.records_at(log, seq);
  }
  Result<std::vector<Hash>> effective_since(const Hash& log, std::uint64_t leaf) override {
    return to_.effective_since(log, leaf);
  }
  Result<std::vector<Hash>> held_for(errc reason, std::uint64_t leaf,
                                     std::size_t count_max) override {
    return to_.held_for(reason, leaf, count_max);
  }
  Result<std::optional<std::uint64_t>> received_ms(std::uint64_t leaf) override {
    return to_.received_ms(leaf);
  }
  Result<std::uint64_t> vote(const Hash& record, const Id& officer) override {
    return to_.vote(record, officer);
  }
  Result<void> remove_audience(const Id& dossier, std::string_view audience) override {
    return to_.remove_audience(dossier, audience);
  }
  Result<void> note_forgotten(const Hash& log, const Id& dossier, std::uint64_t at_ms) override {
    return to_.note_forgotten(log, dossier, at_ms);
  }
  Result<std::vector<FeedItem>> read_feed_rest(std::string_view audience, std::uint64_t after,
                                               std::uint64_t until,
                                               std::size_t count_max) override {
    return to_.read_feed_rest(audience, after, until, count_max);
  }
  Result<std::uint64_t> feed_end(std::string_view audience) override {
    return to_.feed_end(audience);
  }
  Result<std::vector<AudienceItem>> audience_before(std::string_view audience, std::uint64_t place,
                                                    std::size_t count_max) override {
    return to_.audience_before(audience, place, count_max);
  }
  Result<void> return_lease(const Hash& log, const body::LeaseReturned& rest) override {
    return to_.return_lease(log, rest);
  }
  Result<bool> may_return(const Hash& log, const body::LeaseReturned& rest) override {
    return to_.may_return(log, rest);
  }
  Result<std::optional<body::LeaseReturned>> take_returned(body::NumberKind kind,
                                                           std::string_view prefix,
                                                           std::uint32_t count_max) override {
    return to_.take_returned(kind, prefix, count_max);
  }
  Result<void> put_payout(const Id& payout, const Id& courier) override {
    return to_.put_payout(payout, courier);
  }
  Result<std::vector<Id>> unleased_payouts(const Id& courier, std::size_t count_max) override {
    return to_.unleased_payouts(courier, count_max);
  }
  Result<std::vector<Id>> leased_payouts(const Id& courier) override {
    return to_.leased_payouts(courier);
  }
  Result<void> payout_leased(const Id& payout) override { return to_.payout_leased(payout); }
  Result<std::uint64_t> append(const Evidence& evidence, std::span<const Id> dossiers) override {
    return to_.append(evidence, dossiers);
  }
  Result<void> set_ruling(const Hash& hash, const Ruling& ruling) override {
    return to_.set_ruling(hash, ruling);
  }
  Result<std::vector<Evidence>> dossier(const Id& id) override { return to_.dossier(id); }
  Result<std::shared_ptr<const Dossier>> folded(const Id& id) override { return to_.folded(id); }
  Result<std::uint64_t> not_counting(const Id& dossier, const Hash& log,
                                     std::size_t count_max) override {
    return to_.not_counting(dossier, log, count_max);
  }
  Result<std::uint64_t> journal_size() override { return to_.journal_size(); }
  Result<std::uint64_t> record_count() override { return to_.record_count(); }
  Result<std::vector<Hash>> journal_entries(std::uint64_t first, std::size_t count_max) override {
    return to_.journal_entries(first, count_max);
  }
  Result<std::vector<Hash>> journal_nodes(std::uint32_t level, std::uint64_t first,
                                          std::size_t count_max) override {
    return to_.journal_nodes(level, first, count_max);
  }
  Result<Hash> journal_root(std::uint64_t size) override { return to_.journal_root(size); }
  Result<std::vector<Hash>> inclusion(std::uint64_t index, std::uint64_t size) override {
    return to_.inclusion(index, size);
  }
  Result<std::vector<Hash>> consistency(std::uint64_t old_size, std::uint64_t new_size) override {
    return to_.consistency(old_size, new_size);
  }
  Result<void> wait_for(const Hash& missing, const Hash& waiting) override {
    return to_.wait_for(missing, waiting);
  }
  Result<bool> is_any_waiting() override { return to_.is_any_waiting(); }
  Result<void> make_due(const Hash& arrived) override { return to_.make_due(arrived); }
  Result<std::vector<Hash>> take_due(std::size_t count_max) override {
    return to_.take_due(count_max);
  }
  Result<bool> is_any_due() override { return to_.is_any_due(); }
  Result<void> add_audience(const Id& dossier, std::string_view audience) override {
    return to_.add_audience(dossier, audience);
  }
  Result<std::vector<std::string>> audiences(const Id& dossier) override {
    return to_.audiences(dossier);
  }
  Result<std::uint64_t> feed(std::string_view audience, const Hash& record) override {
    return to_.feed(audience, record);
  }
  Result<std::vector<FeedItem>> read_feed(std::string_view audience, std::uint64_t after,
                                          std::size_t count_max) override {
    return to_.read_feed(audience, after, count_max);
  }
  Result<std::uint64_t> take_numbers(std::string_view sequence, std::uint32_t count) override {
    return to_.take_numbers(sequence, count);
  }
  Result<void> put_lease(const body::LeaseGranted& lease, std::uint64_t position) override {
    return to_.put_lease(lease, position);
  }
  Result<std::uint64_t> newest_lease(const Hash& log, body::NumberKind kind) override {
    return to_.newest_lease(log, kind);
  }
  Result<bool> is_leased(const Hash& log, body::NumberKind kind, std::string_view prefix,
                         std::uint32_t number) override {
    return to_.is_leased(log, kind, prefix, number);
  }
  Result<std::optional<Id>> number_user(std::string_view number) override {
    return to_.number_user(number);
  }
  Result<void> use_number(body::NumberKind kind, std::string_view number, const Id& dossier,
                          const Hash& log) override {
    return to_.use_number(kind, number, dossier, log);
  }
  Result<std::uint64_t> unused_numbers(const Hash& log, body::NumberKind kind) override {
    return to_.unused_numbers(log, kind);
  }
  Result<void> want_attachment(const body::AttachmentAdded& attachment, const Id& dossier,
                               const Hash& log) override {
    return to_.want_attachment(attachment, dossier, log);
  }
  Result<std::optional<Attachment>> attachment(const Hash& hash) override {
    return to_.attachment(hash);
  }
  Result<void> attachment_arrived(const Hash& hash) override {
    return to_.attachment_arrived(hash);
  }
  Result<std::vector<Hash>> wanted_attachments(const Hash& log, std::size_t count_max) override {
    return to_.wanted_attachments(log, count_max);
  }
  Result<bool> attachment_in_audience(const Hash& hash, std::string_view audience) override {
    return to_.attachment_in_audience(hash, audience);
  }
  Result<bool> want_code_message(const Hash& sent_on, std::uint64_t now_ms) override {
    return to_.want_code_message(sent_on, now_ms);
  }
  Result<std::vector<Hash>> wanted_code_messages(std::uint64_t before_ms, std::uint64_t now_ms,
                                                 std::size_t count_max) override {
    return to_.wanted_code_messages(before_ms, now_ms, count_max);
  }
  Result<void> code_message_kept(const Hash& sent_on) override {
    return to_.code_message_kept(sent_on);
  }
  Result<void> drop_code_message(const Hash& sent_on) override {
    return to_.drop_code_message(sent_on);
  }
  Result<void> quarantine(const Hash& sender, BytesView envelope, BytesView body,
                          errc reason) override {
    return to_.quarantine(sender, envelope, body, reason);
  }
  Result<void> put_ticket(const Ticket& ticket) override { return to_.put_ticket(ticket); }
  Result<std::optional<Ticket>> ticket(const Hash& token_hash) override {
    return to_.ticket(token_hash);
  }
  Result<void> use_ticket(const Hash& token_hash, const Hash& log) override {
    return to_.use_ticket(token_hash, log);
  }
  Result<void> note_contact(const Hash& log, std::uint64_t at_ms,
                            const exchange::Holds& holds) override {
    return to_.note_contact(log, at_ms, holds);
  }

 private:
  Registry& to_;
};

}  // namespace tannha
