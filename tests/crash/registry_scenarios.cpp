#include "tannha/protocol/fields.hpp"
#include "tannha/server/due_date.hpp"
#include "tests/crash/scenario.hpp"
#include "tests/support/journey.hpp"

namespace tannha::test {
namespace {

using Step = std::function<Result<void>(ServerNode&)>;

template <class T>
Result<void> done(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

Step exchange_of(const exchange::Request& request, const Hash& sender) {
  return [=](ServerNode& node) { return node.exchange(request, sender); };
}
Step exchange_of(Device& device, std::uint32_t pull_max = 200) {
  return exchange_of(must(device->next_request(pull_max)), device.log_id());
}
Step enrol(const exchange::EnrolRequest& request) {
  return [=](ServerNode& node) {
    return node.transact([&] { return done(node.server->enrol(request)); });
  };
}
Step make_ticket(const exchange::TicketRequest& request) {
  return [=](ServerNode& node) {
    return node.transact([&] { return done(node.server->make_ticket(request, {})); });
  };
}

exchange::Request only(exchange::Request request, std::size_t from, std::size_t to) {
  const auto begin = request.records.begin();
  request.records = {begin + static_cast<std::ptrdiff_t>(from),
                     begin + static_cast<std::ptrdiff_t>(to)};
  return request;
}

class Builder {
 public:
  std::vector<Scenario<ServerNode>> build() {
    new_registry();
    enrolment();
    records();
    attachments();
    decisions();
    return std::move(out_);
  }

 private:
  void add(std::string name, std::vector<Step> steps) {
    DiskSnapshot start;
    for (const auto& [path, content] : disk().snapshot("town")) {
      constexpr std::string_view registry = "town/registry.db";
      if (path.starts_with(registry)) {
        start.emplace(ServerNode::path + path.substr(registry.size()), content);
      }
    }
    out_.push_back({std::move(name), std::move(start), province_.host(), {}, std::move(steps)});
  }

  void new_registry() {
    LogEntry own;
    own.intro = province_.actor().log;
    own.id = own.intro.log_id();
    own.head = own.id;
    out_.push_back({"a new registry", {}, province_.host(), {}, {[=](ServerNode& node) {
                      return node.transact([&] { return node.registry->put_log(own); });
                    }}});
  }

  void enrolment() {
    const exchange::TicketRequest grant{Role::courier, "H42", {}, {}, "máy"};
    // The ticket is drawn from the same host as it will be in the scenario.
    add("", {});
    const std::string ticket = must(province_.ticket(grant)).ticket;
    Device& device = province_.new_device();
    const exchange::EnrolRequest request = must(device->begin_enrolment(ticket));
    out_.back().name = "a ticket and the enrolment, asked for twice";
    out_.back().steps = {make_ticket(grant), enrol(request), enrol(request)};
    must(device->finish_enrolment(must(province_.enrol(request))));
    add("a first exchange, with leases", {exchange_of(device)});
  }

  void records() {
    const Id id = journey_.collected();
    Device& courier = journey_.courier;
    add("records pushed, and pushed again", {exchange_of(courier), exchange_of(courier)});
    const exchange::Request all = must(courier->next_request(0));
    add("records that arrive in the wrong order",
        {exchange_of(only(all, 2, 4), courier.log_id()),
         exchange_of(only(all, 1, 2), courier.log_id()),
         exchange_of(only(all, 0, 1), courier.log_id()), exchange_of(all, courier.log_id())});
    exchange::Request bad = all;
    bad.records.at(1).envelope.back() ^= 1;
    bad.records.at(3).envelope.resize(20);
    add("damaged records among good ones", {exchange_of(bad, courier.log_id())});
    add("two requests in one transaction", {[=, sender = courier.log_id()](ServerNode& node) {
          return together(node, only(all, 0, 2), all, sender);
        }});
    province_.sync(courier);
    citizen(id);
  }

  static Result<void> together(ServerNode& node, const exchange::Request& first,
                               const exchange::Request& second, const Hash& sender) {
    const auto one = [&](const exchange::Request& request) -> Result<void> {
      TN_TRY(const PreparedExchange prepared,
             prepare_exchange(fields::encode(request), ServerNode::actor->tenant.code,
                              ServerNode::actor->authority_key.public_key()));
      TN_CHECK(node.server->exchange(prepared, sender));
      return {};
    };
    return node.transact([&]() -> Result<void> {
      TN_CHECK(one(first));
      return one(second);
    });
  }

  void citizen(const Id& id) {
    const exchange::TicketRequest grant{Role::citizen, std::string(unit), {}, id, ""};
    add("", {});
    const std::string ticket = must(province_.ticket(grant)).ticket;
    Device& device = province_.new_device();
    const exchange::EnrolRequest request = must(device->begin_enrolment(ticket));
    out_.back().name = "a citizen let in to a dossier";
    out_.back().steps = {make_ticket(grant), enrol(request)};
  }

  void attachments() {
    const Hash hash = must(journey_.courier->store().pending_attachments()).front().hash;
    add("an attachment arrived", {[=](ServerNode& node) {
          return node.transact([&] { return node.registry->attachment_arrived(hash); });
        }});
    add("news for one who was away", {exchange_of(journey_.officer)});
  }

  void decisions() {
    const Id id = journey_.at_desk();
    must(journey_.as_officer().accept(id));
    add("a dossier accepted, with its code", {exchange_of(journey_.officer)});
    add("everything read", {[](ServerNode& node) { return node.read_all(); }});
  }

  Province province_{2, "town"};
  Journey journey_{province_};
  std::vector<Scenario<ServerNode>> out_;
};

}  // namespace

const std::vector<Scenario<ServerNode>>& registry_scenarios() {
  disk();
  static const std::vector<Scenario<ServerNode>> all = [] {
    // The keys are drawn from the province's seed: another one has the same.
    static const RegistryActor actor = Province(2, "same-keys").actor();
    static const DuePolicy due = [](std::string_view code, body::Channel channel,
                                    std::uint64_t submitted_ms) {
      static const Catalogue catalogue = small_catalogue();
      static const WorkingCalendar calendar = WorkingCalendar::built_in();
      return server::due_date(catalogue, calendar, code, channel, submitted_ms);
    };
    ServerNode::actor = &actor;
    ServerNode::due = &due;
    return Builder().build();
  }();
  return all;
}

}  // namespace tannha::test
