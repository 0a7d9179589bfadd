// tannha phone: a courier's phone in a terminal.

#include <iostream>

#include "tannha/core/courier.hpp"
#include "tools/commands/command.hpp"

namespace tannha::tools {
namespace {

using core::Courier;

struct Args {
  std::string dossier, procedure, text, name, value, unit, offer, image;
  std::string kind = "charge", service = "both", role = "page";
  std::vector<std::string> files, bag;
  std::uint32_t line = 0;
  std::optional<std::uint32_t> originals, certified, photocopies;
  std::string amount;
  bool transfer = false;
};
using Shared = std::shared_ptr<Args>;

class PhoneCommands {
 public:
  PhoneCommands(CLI::App* phone, Command& command)
      : phone_(phone), command_(command), args_(std::make_shared<Args>()) {}

  void add() {
    add_round();
    add_capture();
    add_photo();
    add_seal();
    add_handover();
    add_delivery();
    add_payouts();
    add_keys();
  }

 private:
  CLI::App* sub(const char* name, const char* help) { return phone_->add_subcommand(name, help); }
  CLI::App* on_dossier(const char* name, const char* help) {
    auto* s = sub(name, help);
    s->add_option("DOSSIER", args_->dossier, "Slip number, item code or part of its id")->required();
    return s;
  }
  /// Opens the device and runs `work(courier, dossier id)`.
  template <class F>
  void act(CLI::App* s, F work) {
    command_.on(s, [command = &command_, args = args_, work]() -> Result<void> {
      TN_TRY(const auto device, command->device());
      Courier courier(device->replica(), device->catalogue());
      Id id{};
      if (!args->dossier.empty()) {
        TN_TRY(id, device->find(args->dossier));
      }
      TN_CHECK(work(courier, id, *args));
      return {};
    });
  }
  static void saved(const Record& record) {
    std::cout << "đã lưu / saved: " << name(record.header.type) << " "
              << short_id(record.header.subject) << " " << to_hex(record.hash) << std::endl;
  }
  /// For acts that write one record.
  template <class F>
  void record(CLI::App* s, F work) {
    act(s, [work](Courier& courier, const Id& id, const Args& args) -> Result<void> {
      TN_TRY(const Record written, or_unsaved(work(courier, id, args)));
      saved(written);
      return {};
    });
  }

  void add_round() {
    act(sub("round", "Dossiers to do something about"),
        [](Courier& courier, const Id&, const Args&) -> Result<void> {
          TN_TRY(const auto all, courier.round());
          for (const DossierSummary& d : all) {
            TN_TRY(const Dossier dossier, courier.dossier(d.id));
            print_line(dossier);
          }
          std::cout << all.size() << " hồ sơ / dossiers\n";
          return {};
        });
    auto* open = sub("open", "Start capturing: a request of the round, or somebody at the door");
    open->add_option("PROCEDURE", args_->procedure, "Code, e.g. 1.001193")->required();
    open->add_option("--request", args_->dossier, "The pickup request; none: at the door");
    open->add_option("--service", args_->service, "send, receive or both")
        ->check(CLI::IsMember({"send", "receive", "both"}));
    act(open, [](Courier& courier, const Id& id, const Args& args) -> Result<void> {
      const body::ServiceKind service = args.service == "send"      ? body::ServiceKind::send
                                        : args.service == "receive" ? body::ServiceKind::receive_result
                                                                    : body::ServiceKind::both;
      const std::optional<Id> request =
          args.dossier.empty() ? std::nullopt : std::optional<Id>(id);
      TN_TRY(const Replica::Condition now, courier.replica().condition());
      if (now.stranded) {
        std::cerr << "  " << message(*now.stranded, Language::vietnamese) << "\n  "
                  << message(*now.stranded, Language::english) << "\n";
      }
      TN_TRY(const Id opened, or_unsaved(courier.open(request, args.procedure, service)));
      std::cout << "đã lưu / saved: " << uuid_text(opened) << "\n";
      TN_TRY(const auto lines, courier.uncounted(opened));
      for (const DocumentLine& line : lines) {
        std::cout << "  [" << line.number << "] " << line.name << " (" << line.originals
                  << " bản chính, " << line.copies << " bản sao)\n";
      }
      return {};
    });
  }

  void add_capture() {
    auto* scan = on_dossier("scan", "Fill the owner's data from the card's QR text");
    scan->add_option("TEXT", args_->text, "What the QR says")->required();
    act(scan, [](Courier& courier, const Id& id, const Args& args) -> Result<void> {
      TN_TRY(const Courier::Scan result, or_unsaved(courier.scan_card(id, args.text)));
      saved(result.record);
      for (const IdentityWarning warning : result.warnings) {
        std::cout << "  xem lại / check: " << name(warning) << "\n";
      }
      return {};
    });
    auto* field = on_dossier("field", "Write one field");
    field->add_option("NAME", args_->name)->required();
    field->add_option("VALUE", args_->value)->required();
    record(field, [](Courier& courier, const Id& id, const Args& args) {
      return courier.write_field(id, args.name, args.value);
    });
    auto* tick = on_dossier("tick", "Count one line of the checklist");
    tick->add_option("LINE", args_->line, "Number of the line; 0: not on the list")->required();
    // A paper bag holds no more of one paper.
    const CLI::Range copies(0, 999);
    tick->add_option("--originals", args_->originals, "Bản chính")->check(copies);
    tick->add_option("--certified", args_->certified, "Bản sao có chứng thực")->check(copies);
    tick->add_option("--photocopies", args_->photocopies, "Bản chụp")->check(copies);
    tick->add_option("--name", args_->name, "For a paper that is not on the list");
    record(tick, [](Courier& courier, const Id& id, const Args& args) -> Result<Record> {
      if (!args.originals && !args.certified && !args.photocopies) {
        return fail(errc::argument_invalid,
                    "cần ít nhất một số lượng / at least one of --originals, --certified, "
                    "--photocopies");
      }
      return courier.check_document(id, args.line, args.name, args.originals.value_or(0),
                                    args.certified.value_or(0), args.photocopies.value_or(0));
    });
    auto* money = on_dossier("money", "Record money taken, in đồng");
    money->add_option("AMOUNT", args_->amount)->required();
    money->add_option("--kind", args_->kind, "fee (phí), charge (lệ phí) or postage (cước)")
        ->check(CLI::IsMember({"fee", "charge", "postage"}));
    money->add_flag("--transfer", args_->transfer, "Not cash");
    record(money, [](Courier& courier, const Id& id, const Args& args) -> Result<Record> {
      TN_TRY(const std::uint64_t amount, parse_dong(args.amount));
      const body::MoneyKind kind = args.kind == "fee"      ? body::MoneyKind::fee
                                   : args.kind == "charge" ? body::MoneyKind::charge
                                                           : body::MoneyKind::postage;
      TN_TRY(Record taken, courier.take_money(id, kind, amount, !args.transfer));
      std::cout << "  " << dong_text(amount) << " đồng\n";
      return taken;
    });
  }

  void add_photo() {
    auto* photo = on_dossier("photo", "Add JPEG photos of papers; each is saved by itself");
    photo->add_option("FILE", args_->files)->required();
    photo->add_option("--line", args_->line, "Checklist line that they show");
    photo->add_option("--role", args_->role, "page, card or parcel")
        ->check(CLI::IsMember({"page", "card", "parcel"}));
    act(photo, [](Courier& courier, const Id& id, const Args& args) -> Result<void> {
      const body::AttachmentRole role = args.role == "card"     ? body::AttachmentRole::card
                                        : args.role == "parcel" ? body::AttachmentRole::parcel
                                                                : body::AttachmentRole::page;
      for (const std::string& file : args.files) {
        TN_TRY(const Bytes jpeg, or_unsaved(read_whole_file(file)));
        TN_TRY(const Record written, or_unsaved(courier.add_photo(id, jpeg, role, args.line)));
        saved(written);
      }
      return {};
    });
  }

  void add_seal() {
    auto* seal = on_dossier("seal", "Issue the send slip and seal the envelope");
    seal->add_option("SEAL", args_->text, "Number on the seal")->required();
    act(seal, [](Courier& courier, const Id& id, const Args& args) -> Result<void> {
      TN_TRY(const auto uncounted, courier.uncounted(id));
      if (!uncounted.empty()) {
        std::cout << "  còn " << uncounted.size() << " dòng giấy tờ chưa kiểm / lines not counted\n";
      }
      TN_TRY(const Record written, or_unsaved(courier.seal(id, args.text)));
      TN_TRY(const auto slip, body::decode<body::Sealed>(written.body));
      saved(written);
      std::cout << "  phiếu gửi / send slip " << slip.send_slip_no << ", bưu gửi / item "
                << slip.item_id << "\n";
      return {};
    });
    auto* confirm = on_dossier("confirm", "The citizen has no phone: statement with drawn signature");
    confirm->add_option("IMAGE", args_->image, "JPEG of the signature")->required();
    record(confirm, [](Courier& courier, const Id& id, const Args& args) -> Result<Record> {
      TN_TRY(const Bytes jpeg, read_whole_file(args.image));
      return courier.confirm_by_statement(id, jpeg);
    });
    auto* code = on_dossier("confirm-code", "The citizen read out the one-time code they were sent");
    code->add_option("CODE", args_->text, "Six digits")->required();
    record(code, [](Courier& courier, const Id& id, const Args& args) {
      return courier.confirm_by_code(id, args.text);
    });
    auto* supplement = on_dossier("supplement", "The papers that were asked for are complete");
    supplement->add_option("TEXT", args_->text)->required();
    record(supplement, [](Courier& courier, const Id& id, const Args& args) {
      return courier.supplement(id, args.text);
    });
  }

  void add_handover() {
    auto* handover = sub("handover", "Sign the hand-over record for a bag at the desk");
    handover->add_option("UNIT", args_->unit, "Agency code of the desk")->required();
    handover->add_option("DOSSIERS", args_->bag)->required();
    command_.on(handover, [command = &command_, args = args_]() -> Result<void> {
      TN_TRY(const auto device, command->device());
      Courier courier(device->replica(), device->catalogue());
      std::vector<Id> bag;
      for (const std::string& text : args->bag) {
        TN_TRY(bag.emplace_back(), device->find(text));
      }
      TN_TRY(const Record offer, or_unsaved(courier.offer_handover(args->unit, bag)));
      saved(offer);
      TN_TRY(const exchange::Parcel parcel, device->replica().make_parcel({offer.hash}));
      std::cout << exchange::parcel_text(parcel) << "\n";
      return {};
    });
    auto* accept = sub("accept-return", "Countersign what the desk gives back");
    accept->add_option("OFFER", args_->offer, "Hash of the desk's hand-over record")->required();
    command_.on(accept, [command = &command_, args = args_]() -> Result<void> {
      TN_TRY(const auto device, command->device());
      TN_TRY(const Hash offer, find_record(*device, args->offer));
      Courier courier(device->replica(), device->catalogue());
      TN_TRY(const Record written, or_unsaved(courier.accept_return(offer)));
      saved(written);
      return {};
    });
  }

  void add_delivery() {
    auto* attempt = on_dossier("attempt", "Nobody was there");
    attempt->add_option("REASON", args_->text)->required();
    record(attempt, [](Courier& courier, const Id& id, const Args& args) {
      return courier.attempt_delivery(id, args.text);
    });
    auto* deliver = on_dossier("deliver", "Give the result to the recipient");
    deliver->add_option("DOCUMENT", args_->text, "Paper shown: can_cuoc, ho_chieu, …")->required();
    deliver->add_option("IMAGE", args_->image, "JPEG of the signature")->required();
    record(deliver, [](Courier& courier, const Id& id, const Args& args) -> Result<Record> {
      TN_TRY(const Bytes jpeg, read_whole_file(args.image));
      return courier.deliver(id, args.text, jpeg);
    });
  }

  void add_payouts() {
    auto* pay = on_dossier("pay", "Record that a payout was given to its recipient");
    pay->add_option("DOCUMENT", args_->text, "Paper shown: can_cuoc, ho_chieu, …")->required();
    pay->add_option("IMAGE", args_->image, "JPEG of the signature")->required();
    record(pay, [](Courier& courier, const Id& id, const Args& args) -> Result<Record> {
      TN_TRY(const Bytes jpeg, read_whole_file(args.image));
      return courier.pay(id, args.text, jpeg);
    });
    auto* give_back = on_dossier("return-payout", "Give a payout back to the office, unpaid");
    give_back->add_option("REASON", args_->text)->required();
    record(give_back, [](Courier& courier, const Id& id, const Args& args) {
      return courier.return_payout(id, args.text);
    });
  }

  void add_keys() {
    act(sub("stock", "Numbers left on this phone"),
        [](Courier& courier, const Id&, const Args&) -> Result<void> {
          TN_TRY(const Courier::Stock stock, courier.stock());
          std::cout << "số phiếu gửi / send slips " << stock.send_slips << ", số bưu gửi / items "
                    << stock.items << ", còn phải niêm phong / to seal " << stock.to_seal << "\n";
          if (stock.is_low()) std::cout << "  sắp hết: đồng bộ trước khi đi / low: sync first\n";
          return {};
        });
    act(sub("new-key", "Go on with a new key in a new log, at the next contact"),
        [](Courier& courier, const Id&, const Args&) -> Result<void> {
          TN_CHECK(courier.replica().rotate_key());
          std::cout << "khóa mới sau lần đồng bộ tới / a new key after the next sync\n";
          return {};
        });
  }

  CLI::App* phone_;
  Command& command_;
  Shared args_;
};

}  // namespace

void add_phone(CLI::App& app, Command& command) {
  auto* phone = app.add_subcommand("phone", "A courier's phone in the terminal");
  phone->require_subcommand(1);
  command.add_data(phone, "./tannha-phone");
  command.add_staff(phone);
  PhoneCommands(phone, command).add();
  add_sync(phone, command);
  add_status(phone, command);
  add_note(phone, command);
  add_bundles(phone, command);
  add_parcels(phone, command);
  add_vault(phone, command);
}

}  // namespace tannha::tools
