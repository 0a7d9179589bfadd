// What a phone without a network gives to another one to bring.

#include "tannha/protocol/fields.hpp"
#include "tools/simulate/phone.hpp"

namespace tannha::simulate {

bool Phone::send_by(Phone& carrier) {
  std::vector<Bytes> bundles;
  const Replica::BundleSink take = [&](Replica::MadeBundle made) -> Result<void> {
    bundles.push_back(std::move(made.bytes));
    return {};
  };
  const Replica::BundleOptions options{
      .attachments = rng_.chance(0.8),
      .bytes_max = rng_.chance(0.3) ? std::size_t{4096} : std::size_t{1'000'000}};
  const auto packed = act("packs what is unsent for " + carrier.machine(),
                          [&](Replica& r) { return r.make_bundle(options, take); });
  if (!packed || !is_open()) return false;
  for (const Bytes& bundle : bundles) {
    check_sealed(as_text(bundle), "a bundle");
    bring(carrier, bundle);
    if (!rng_.chance(0.5)) continue;
    world_.clock.in(rng_.any_magnitude(second, 6 * hour),
                    [this, &carrier, bundle] { bring(carrier, bundle); });
  }
  return !bundles.empty();
}

void Phone::bring(Phone& carrier, const Bytes& bundle) {
  if (!carrier.is_open() || carrier.log_id() == Hash{}) return;
  network_.send(carrier.link_, Way::to_server, bundle, [this, &carrier](const Bytes& arrived) {
    server_.bundle(carrier.log_id(), arrived, [this, &carrier](const Result<Bytes>& receipts) {
      if (!receipts) {
        world_.checks.require(
            is_store_error(receipts.error().code) || disk_lies_, "honest_phone_is_heard",
            machine_ + ": its bundle was refused, " + std::string(name(receipts.error().code)));
        return;
      }
      network_.send(carrier.link_, Way::to_phone, *receipts, [this](const Bytes& message) {
        world_.clock.in(rng_.any_magnitude(second, hour),
                        [this, message] { take_receipts(message); });
      });
    });
  });
}

void Phone::take_receipts(const Bytes& message) {
  if (!is_open()) return;
  const auto report = act("takes the receipts for its bundle",
                          [&](Replica& r) { return r.take_receipts(message); });
  if (report) {
    if (report->received + report->attachments > 0) {
      world_.say(machine_, [&] {
        return std::to_string(report->received) + " are received, " +
               std::to_string(report->attachments) + " files have arrived";
      });
    }
    return;
  }
  const errc code = report.error().code;
  // It may have gone on in another log, or have been erased, since it packed the bundle.
  const bool passes =
      is_store_error(code) || code == errc::bundle_not_for_us || code == errc::not_enrolled;
  world_.checks.require(
      passes || disk_lies_, "honest_server_is_believed",
      machine_ + ": receipts for a bundle were refused with " + std::string(name(code)));
}

}  // namespace tannha::simulate
