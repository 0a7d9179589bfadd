import { currentLanguage } from "../../shared/i18n";

/** What each kind of record says, by its name in docs/protocol.md. */
const kinds: Readonly<Record<string, readonly [string, string]>> = {
  pickup_requested: ["Yêu cầu nhận tại nhà", "Pickup requested"],
  assigned: ["Giao cho bưu tá", "Courier assigned"],
  citizen_bound: ["Người dân mở hồ sơ", "Citizen's key bound"],
  dossier_opened: ["Bắt đầu nhận", "Dossier opened"],
  fields_written: ["Ghi thông tin", "Details written"],
  document_checked: ["Đếm giấy tờ", "Paper counted"],
  attachment_added: ["Thêm ảnh", "Photograph added"],
  fee_taken: ["Thu tiền", "Money taken"],
  sealed: ["Niêm phong, cấp phiếu gửi", "Sealed, slip issued"],
  confirmed: ["Xác nhận giao hồ sơ", "Hand-over confirmed"],
  supplemented: ["Nhận bổ sung", "Supplement taken"],
  handover_offered: ["Ký giao", "Hand-over offered"],
  handover_accepted: ["Ký nhận", "Hand-over accepted"],
  dispute_resolved: ["Chọn lần giao nhận đúng", "Dispute decided"],
  accepted: ["Tiếp nhận", "Accepted"],
  registered: ["Cấp mã và hạn trả", "Code and due date given"],
  supplement_requested: ["Yêu cầu bổ sung", "Supplement asked for"],
  refused: ["Từ chối", "Refused"],
  result_ready: ["Có kết quả", "Result ready"],
  forwarded: ["Chuyển bước", "Forwarded"],
  delivery_attempted: ["Đến trả, chưa gặp", "Delivery attempted"],
  delivered: ["Trao kết quả", "Result given"],
  delivery_confirmed: ["Xác nhận nhận kết quả", "Result confirmed"],
  note: ["Ghi chú", "Note"],
  feedback: ["Đánh giá", "Rating"],
  adjudicated: ["Quyết định về bản ghi", "Record decided"],
  log_forked: ["Máy bị nhân đôi", "Device forked"],
  log_revoked: ["Thu hồi khóa", "Key revoked"],
  log_continued: ["Đổi khóa", "Key continued"],
  lease_granted: ["Cấp dải số", "Numbers leased"],
  lease_returned: ["Trả dải số", "Numbers returned"],
  erased: ["Đã xóa dữ liệu trên máy", "Data erased on a device"],
};

/** A kind that this version has no words for is shown by its name rather than left out. */
export function recordText(type: string): string {
  const words = kinds[type];
  return words ? words[currentLanguage() === "vi" ? 0 : 1] : type;
}
