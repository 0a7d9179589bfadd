import { dateTime, money, phone } from "../shared/format";
import type { Dossier, DocumentCount } from "./core";
import { vi } from "./texts/vi";

// A paper of the law: Vietnamese on the screen, on paper and from the receipt printer alike.

export const SLIP_TITLE = "PHIẾU GỬI HỒ SƠ";
export const SLIP_NOTE =
  "Thời điểm nộp hồ sơ là lúc ký biên bản giao nhận tại Bộ phận Một cửa. Ngày hẹn trả do cơ quan " +
  "tiếp nhận báo, không tính từ phiếu này.";
export const SLIP_SIGNERS = ["Người gửi", "Nhân viên bưu chính"] as const;
export const TRAINING_WARNING = "LUYỆN TẬP – KHÔNG CÓ GIÁ TRỊ";

/** When the slip was issued, by this phone's clock. */
function issued(dossier: Dossier): string {
  const ms = dossier.records.find((one) => one.hash === dossier.sealed)?.claimedMs;
  return ms === undefined ? "" : dateTime(ms);
}

export function slipFacts(dossier: Dossier): readonly (readonly [string, string])[] {
  const { line } = dossier;
  const facts = [
    ["Ngày lập", issued(dossier)],
    ["Số hiệu bưu gửi", line.itemId],
    ["Số niêm phong", dossier.sealNo],
    ["Người gửi", line.owner],
    ["Điện thoại", phone(line.phone)],
    ["Địa chỉ", line.address],
    ["Nơi nhận", line.unit],
    ["Dịch vụ", vi[`service.${dossier.service ?? "both"}`]],
    ["Đã thu", money(line.moneyDong)],
  ] as const;
  return facts.map(([name, text]) => [name, text || "—"] as const);
}

export function countsOf(one: DocumentCount): string {
  const said = [
    one.originals > 0 && `${one.originals} bản chính`,
    one.certified > 0 && `${one.certified} bản sao chứng thực`,
    one.photocopies > 0 && `${one.photocopies} bản chụp`,
  ].filter(Boolean);
  return said.join(", ") || "không có";
}
