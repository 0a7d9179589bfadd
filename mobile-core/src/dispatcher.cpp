#include "tannha/core/dispatcher.hpp"

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

}  // namespace tannha::core
