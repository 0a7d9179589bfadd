import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { money } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { address } from "../../shared/router";
import {
  Button,
  Choices,
  Facts,
  LinkButton,
  Notice,
  Screen,
  TextField,
  Waiting,
} from "../../shared/ui";
import { core, useAsked, type Fee, type MoneyKind } from "../core";
import { t } from "../texts";

/** An amount as people write it; what the source says in prose stays as it is. */
export function feeText(fee: Fee | undefined): string {
  if (fee?.certainty === "stated" && fee.amountDong !== undefined) return money(fee.amountDong);
  return fee?.text ?? "";
}

export function Money({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const [kind, setKind] = useState<MoneyKind>("charge");
  const [cash, setCash] = useState<"cash" | "transfer">("cash");
  const [amount, setAmount] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const dong = Number(amount.replace(/\D/g, ""));
  const take = async () => {
    setProblem(undefined);
    try {
      await core.takeMoney(id, kind, dong, cash === "cash");
      setAmount("");
    } catch (caught) {
      setProblem(caught);
    }
  };
  const offer = door?.procedure?.fee;
  return (
    <Screen
      title={t("step.money")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        dong > 0 ? (
          <Button kind="primary" big icon="money" onPress={take}>
            {t("money.take", { amount: money(dong) })}
          </Button>
        ) : (
          <LinkButton kind="primary" big icon="seal" href={address("dossier", id, "seal")}>
            {t("money.next")}
          </LinkButton>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {offer && (
        <Notice tone={offer.certainty === "stated" ? "plain" : "wait"} title={t("money.catalogue")}>
          {!(offer.certainty === "stated" && offer.amountDong) && (
            <p>{feeText(offer) || t("open.feeUnknown")}</p>
          )}
          {offer.certainty === "stated" &&
            offer.amountDong !== undefined &&
            offer.amountDong > 0 && (
              <Button onPress={() => setAmount(String(offer.amountDong))}>
                {money(offer.amountDong)}
              </Button>
            )}
        </Notice>
      )}
      <Choices
        legend={t("money.kind")}
        short
        value={kind}
        onChange={setKind}
        options={[
          { value: "charge", label: t("money.charge") },
          { value: "fee", label: t("money.fee") },
          { value: "postage", label: t("money.postage") },
        ]}
      />
      <TextField
        label={t("money.amount")}
        mode="numeric"
        value={amount}
        onInput={setAmount}
        onSave={setAmount}
        hint={dong > 0 ? money(dong) : t("money.hint")}
      />
      <Choices
        legend={t("money.how")}
        short
        value={cash}
        onChange={setCash}
        options={[
          { value: "cash", label: t("money.cash") },
          { value: "transfer", label: t("money.transfer") },
        ]}
      />
      {door && door.dossier.line.moneyDong > 0 && (
        <div class="card stack">
          <Facts
            of={[
              [t("money.cash"), money(door.dossier.line.cashDong)],
              [
                t("money.transfer"),
                money(door.dossier.line.moneyDong - door.dossier.line.cashDong),
              ],
              [t("money.total"), money(door.dossier.line.moneyDong)],
            ]}
          />
        </div>
      )}
    </Screen>
  );
}
