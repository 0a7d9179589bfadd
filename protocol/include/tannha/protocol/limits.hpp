#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of the system, with its unit in its name and its reason beside it. Each is tested
/// at n and at n + 1.
namespace tannha::limits {

/// CBOR nesting: our deepest message has 6 levels; RFC 8949 sets none, a stack does.
inline constexpr std::size_t cbor_depth_max = 16;

/// A signed envelope without its body. Typical: 330 bytes; with record_refs_max references 9,200.
inline constexpr std::size_t envelope_bytes_max = 12 * 1024;
/// A body: the longest is a supplement list or a hand-over of a full bag.
inline constexpr std::size_t body_bytes_max = 64 * 1024;
/// References of one record: the heads an acceptance names.
inline constexpr std::size_t record_refs_max = 256;

/// One exchange before the sender is known, and after.
inline constexpr std::size_t frame_before_sign_in_bytes_max = 64 * 1024;
inline constexpr std::size_t frame_bytes_max = 4 * 1024 * 1024;
/// CBOR items of one message or bundle: a full bundle has 13,000, the fullest answer twice as many.
/// A byte of the input can be an item, and an item takes forty in memory.
inline constexpr std::size_t message_items_max = 64 * 1024;
/// Records of one exchange, both ways.
inline constexpr std::size_t exchange_records_max = 1000;
/// Foreign logs introduced in one exchange: a desk carries a district's couriers.
inline constexpr std::size_t exchange_logs_max = 200;
/// What a client puts into one push, so that a cut link repeats little.
inline constexpr std::size_t push_bytes_target = 256 * 1024;
inline constexpr std::size_t push_records_target = 200;
/// Records of one pull answer.
inline constexpr std::size_t pull_records_max = 400;

/// Calls of a phone's app that are known again by their key.
inline constexpr std::size_t done_keys_max = 256;

/// Wanted attachments named in one answer.
inline constexpr std::size_t wanted_attachments_max = 500;
/// Refused envelopes kept for one sending log: enough for a broken phone, not for an attack.
inline constexpr std::size_t quarantine_records_max = 1000;
/// Bytes of them for one sending log.
inline constexpr std::size_t quarantine_bytes_max = 16 * 1024 * 1024;

/// One attachment: a camera photo is 2–5 MB raw and under 1 MB after compression.
inline constexpr std::size_t attachment_bytes_max = 8 * 1024 * 1024;

/// One bundle, as a file or as the body of a request. The server holds it about four times while it
/// opens it; a phone that has more makes several.
inline constexpr std::size_t bundle_bytes_max = 32 * 1024 * 1024;
/// One part of a bundle as text: what the largest QR code (version 40, level L) holds as bytes.
inline constexpr std::size_t bundle_part_chars_max = 2953;
/// What is put into one part: a cheap camera still reads version 19, level M, from a screen.
inline constexpr std::size_t bundle_part_chars_target = 600;
/// Parts of one series: minutes in front of a camera. More is better carried as a file.
inline constexpr std::size_t bundle_parts_max = 1000;
/// Series that one reader collects at a time: the phones on one table.
inline constexpr std::size_t bundle_joins_max = 8;

/// Names, addresses, reasons typed by people. 1000 is the registry's longest text field.
inline constexpr std::size_t text_bytes_max = 4000;
/// One amount of money taken or paid at a door, in đồng: far above any fee or pension, and so far
/// below a number's end that no sum of a dossier can run over it. A mistyped one is seen at once.
inline constexpr std::uint64_t money_dong_max = 10'000'000'000;
/// A certificate; ours have about 250 bytes. Bounded because strangers send them.
inline constexpr std::size_t certificate_bytes_max = 2048;
/// Labels of one COSE header; ours have at most 4.
inline constexpr std::size_t cose_labels_max = 16;
/// What is shown of a device or post in lists.
inline constexpr std::size_t label_bytes_max = 200;
/// Dossiers of one hand-over: a bag, twice.
inline constexpr std::size_t handover_dossiers_max = 256;
/// Records about one dossier that are ruled on; a long one has 200. More are kept, not counted.
inline constexpr std::size_t dossier_records_max = 2000;
/// Held and refused records of one log about one dossier: anyone may send them, and all who read
/// the dossier read them. A phone whose log is in trouble has a few dozen.
inline constexpr std::size_t not_counting_records_max = 500;
/// Fields of one write: a card fills seven, the longest form has some sixty.
inline constexpr std::size_t fields_written_max = 100;
/// The name of a field; ours have at most 22 characters. The dossier keeps every one.
inline constexpr std::size_t field_name_bytes_max = 100;
/// Agency codes (QĐ 20/2020/QĐ-TTg: at most 35 characters).
inline constexpr std::size_t agency_code_chars_max = 35;
/// Bytes of a card's QR text that are looked at. Real ones have about 150.
inline constexpr std::size_t card_text_bytes_max = 2048;

/// A certificate's life, from enrolment.
inline constexpr std::uint64_t certificate_life_ms = 365ULL * 24 * 3600 * 1000;
/// A signed-in session; renewed by signing a new challenge.
inline constexpr std::uint64_t token_life_ms = 15ULL * 60 * 1000;
inline constexpr std::uint64_t challenge_life_ms = 60ULL * 1000;
/// An enrolment ticket, from its making: a shift, so that it can be shown in the morning.
inline constexpr std::uint64_t ticket_life_ms = 24ULL * 3600 * 1000;

/// Numbers of one lease, and the rest at which a phone asks for the next.
inline constexpr std::uint32_t lease_count = 50;
inline constexpr std::uint32_t lease_low_water = 20;
/// Numbers that one log may have unused: a device that asks and asks does not empty the pool.
inline constexpr std::uint32_t lease_unused_max = 200;
/// A lease ends by itself: numbers of a phone in a drawer go back when it is next seen.
inline constexpr std::uint64_t lease_life_ms = 60ULL * 24 * 3600 * 1000;
/// A phone asks for its next certificate this long before the present one ends.
inline constexpr std::uint64_t certificate_renewal_ms = 60ULL * 24 * 3600 * 1000;
/// Officers who must agree before a record of a revoked or forked log counts, or a dispute ends.
inline constexpr std::size_t officers_for_exceptions = 2;
/// Dossiers reported as erased in one request.
inline constexpr std::size_t forgotten_max = 500;
/// A certificate begins this long before enrolment, so that a small step back of the server's clock
/// does not make genuine work look early.
inline constexpr std::uint64_t certificate_backdate_ms = 24ULL * 3600 * 1000;

/// Procedures of one catalogue: the national portal lists 5,741.
inline constexpr std::size_t catalogue_procedures_max = 20'000;
/// Document lines of one procedure: the longest real one has 212.
inline constexpr std::size_t procedure_documents_max = 2'000;
/// Offers of one procedure: three channels, each repeated for unnamed cases; the most is 9.
inline constexpr std::size_t procedure_offers_max = 100;
/// Time limits of one offer: the most is 2.
inline constexpr std::size_t offer_times_max = 20;
/// One text of a procedure: the longest document line has 10,401 bytes.
inline constexpr std::size_t procedure_text_bytes_max = 64 * 1024;
/// A query of Catalogue::search: longer ones find nothing.
inline constexpr std::size_t catalogue_query_bytes_max = 1024;

/// A phone number as typed; the longest sensible one has 20 characters.
inline constexpr std::size_t phone_text_bytes_max = 40;

/// Digits of a one-time code: what a person reads out and another types at a door.
inline constexpr std::size_t one_time_code_digits = 6;
/// Wrong codes that are looked at; after them not even the right one counts. Whoever guesses gets
/// it once in two hundred thousand dossiers.
inline constexpr std::size_t one_time_code_tries_max = 5;
/// From the record on which the code went out until the confirmation has come in: a courier visits
/// within days, and may be without a network for some more.
inline constexpr std::uint64_t one_time_code_life_ms = 14ULL * 24 * 3600 * 1000;

/// A device that nobody touches locks itself: a phone left on a counter.
inline constexpr std::uint64_t vault_idle_ms = 5ULL * 60 * 1000;
/// Wrong PINs before each one costs a wait: fingers slip, and a thief has a million to try.
inline constexpr std::uint32_t vault_free_tries = 5;
/// Digits of a PIN: a million possibilities at least, and no more than anybody types.
inline constexpr std::size_t pin_digits_min = 6;
inline constexpr std::size_t pin_digits_max = 32;
/// Argon2id for a PIN: OWASP's 46 MiB with one pass more, which a cheap phone does in half a
/// second.
inline constexpr std::uint32_t argon2_passes = 2;
inline constexpr std::size_t argon2_bytes = 46ULL * 1024 * 1024;
/// What a stored lock may ask for: a damaged one must not take all memory or an hour.
inline constexpr std::uint32_t argon2_passes_max = 16;
inline constexpr std::size_t argon2_bytes_max = 1024ULL * 1024 * 1024;

}  // namespace tannha::limits
