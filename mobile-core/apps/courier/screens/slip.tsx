import type { JSX } from "preact";
import { dateTime, money, phone } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { QrCode } from "../../shared/qr";
import { address } from "../../shared/router";
import { Button, Facts, LinkButton, Screen, Waiting } from "../../shared/ui";
import { core, useAsked } from "../core";
import { t } from "../texts";
import { vi } from "../texts/vi";

/** Phiếu gửi hồ sơ: on the screen for the citizen, and on paper where there is a printer. */
export function Slip({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const line = door?.dossier.line;
  const sealed = door?.dossier.sealed;
  const issued = door?.dossier.records.find((one) => one.hash === sealed)?.claimedMs;
  return (
    <Screen
      title={t("slip.title")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        door &&
        (door.dossier.confirmation ? (
          <LinkButton kind="primary" big href={address()}>
            {t("slip.next")}
          </LinkButton>
        ) : (
          <LinkButton kind="primary" big icon="pen" href={address("dossier", id, "confirm")}>
            {t("next.confirm")}
          </LinkButton>
        ))
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {door && !sealed && <p>{t("slip.none")}</p>}
      {door && line && sealed && (
        <>
          <article class="card stack" lang="vi">
            <p class="label" style="text-align:center">
              PHIẾU GỬI HỒ SƠ
            </p>
            <p class="figure code" style="text-align:center;font-size:1.375rem">
              {line.sendSlipNo}
            </p>
            <QrCode
              little
              text={line.sendSlipNo}
              label={t("slip.code", { number: line.sendSlipNo })}
            />
            <Facts
              of={[
                ["Ngày lập", issued === undefined ? "—" : dateTime(issued)],
                ["Số hiệu bưu gửi", <span class="code">{line.itemId}</span>],
                ["Số niêm phong", <span class="code">{door.dossier.sealNo}</span>],
                ["Người gửi", line.owner],
                ["Điện thoại", phone(line.phone) || "—"],
                ["Địa chỉ", line.address || "—"],
                ["Nơi nhận", line.unit],
                ["Dịch vụ", vi[`service.${door.dossier.service ?? "both"}`]],
                ["Đã thu", money(line.moneyDong)],
              ]}
            />
            <h2 class="label">Thủ tục</h2>
            <p>
              {line.procedureName} <span class="code">({line.procedure})</span>
            </p>
            <h2 class="label">Giấy tờ gửi kèm</h2>
            <ol class="stack tight">
              {door.dossier.documents.map((one, index) => (
                <li key={one.line + one.title}>
                  {index + 1}. {one.title}
                  <span class="small">
                    {" "}
                    —{" "}
                    {[
                      one.originals > 0 && `${one.originals} bản chính`,
                      one.certified > 0 && `${one.certified} bản sao chứng thực`,
                      one.photocopies > 0 && `${one.photocopies} bản chụp`,
                    ]
                      .filter(Boolean)
                      .join(", ") || "không có"}
                  </span>
                </li>
              ))}
            </ol>
            <p class="small">
              Thời điểm nộp hồ sơ là lúc ký biên bản giao nhận tại Bộ phận Một cửa. Ngày hẹn trả do
              cơ quan tiếp nhận báo, không tính từ phiếu này.
            </p>
            <div class="signatures">
              <p>Người gửi</p>
              <p>Nhân viên bưu chính</p>
            </div>
          </article>
          <div class="unprinted">
            <Button icon="print" onPress={() => print()}>
              {t("slip.print")}
            </Button>
          </div>
        </>
      )}
    </Screen>
  );
}
