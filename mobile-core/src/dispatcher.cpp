#include "tannha/core/dispatcher.hpp"

#include "tannha/protocol/limits.hpp"
#include "tannha/protocol/phone_number.hpp"

namespace tannha::core {

Result<Id> Dispatcher::request_pickup(body::PickupRequested request) {
  TN_TRY(request.applicant.name, typed(request.applicant.name));
  TN_TRY(request.applicant.address, typed(request.applicant.address));
  TN_TRY(auto phone, parse_phone_number(request.applicant.phone));
  request.applicant.phone = std::move(phone.e164);
  const Id id = replica().make_id();
  TN_CHECK(write(id, {}, request));
  return id;
}

Result<Record> Dispatcher::assign(const Id& id, const Id& courier) {
  return write(id, {}, body::Assigned{courier});
}

Result<Id> Dispatcher::assign_payout(const std::optional<Id>& payout,
                                     body::PayoutAssigned assignment) {
  TN_TRY(assignment.beneficiary, typed(assignment.beneficiary));
  TN_TRY(assignment.period, typed(assignment.period));
  TN_TRY(assignment.recipient.name, typed(assignment.recipient.name));
  if (assignment.amount_dong == 0 || assignment.amount_dong > limits::money_dong_max) {
    return fail(errc::argument_invalid, "amount");
  }
  const Id id = payout.value_or(replica().make_id());
  TN_CHECK(write(id, {}, assignment));
  return id;
}

}  // namespace tannha::core
