/** Staff and approvals, and the devices that are signed in. */
import { useState } from "preact/hooks";
import { type Answer, call, get, post } from "../core/api";
import { newId } from "../core/ids";
import { moment, momentWithin } from "../core/format";
import { isOwner } from "../core/shop";
import { who } from "../core/session";
import { t } from "../core/words";
import { Icon } from "../parts/icons";
import { Choice, Field, Filters, Sheet } from "../parts/input";
import { Empty, Notice, Screen } from "../parts/screen";
import { say } from "../parts/toast";
import { useAnswer } from "./khata";
import { refuse } from "./prices";

type Approval = Answer<"auth_list_approvals">["rows"][number];

export function Staff() {
  const [round, setRound] = useState(0);
  const [adding, setAdding] = useState(false);
  const [status, setStatus] = useState<"pending" | "all">("pending");
  const members = useAnswer(() => get<Answer<"auth_list_members">>("/v1/auth/members"), [round]);
  const approvals = useAnswer(() => get<Answer<"auth_list_approvals">>(`/v1/auth/approvals?limit=30${status === "pending" ? "&status=pending" : ""}`), [round, status]);
  const decide = (id: string, choice: "approve" | "reject") => post(choice === "approve" ? `/v1/auth/approvals/${id}/approve` : `/v1/auth/approvals/${id}/reject`, {}).then(() => { setRound(round + 1); say(t("saved")); }, refuse);
  const remove = (id: string) => call("DELETE", `/v1/auth/members/${encodeURIComponent(id)}`, undefined, { key: newId() }).then(() => setRound(round + 1), refuse);
  return (
    <Screen title={t("staff_approvals")} up="/more" tools={isOwner.value && <button class="iconbutton" aria-label={t("add_member")} onClick={() => setAdding(true)}><Icon name="plus" /></button>}>
      <div class="stack loose">
        <section class="stack tight">
          <h2>{t("approvals")}</h2>
          <Filters label={t("show")} value={status} onChange={setStatus} options={[["pending", t("open")], ["all", t("all")]]} />
          {approvals.failed && <Notice kind="advice" icon="offline">{approvals.failed}</Notice>}
          {approvals.answer && !approvals.answer.rows.length && <Empty icon="check" title={t("no_approvals")} text={t("no_approvals_text")} />}
          {approvals.answer?.rows.map((row) => <Asked key={row.approval_id} row={row} onDecide={decide} />)}
        </section>
        <section class="stack tight">
          <h2>{t("members")}</h2>
          {members.failed && <Notice kind="advice" icon="offline">{members.failed}</Notice>}
          {members.answer && (
            <ul class="list">
              {members.answer.rows.map((row) => (
                <li key={row.user_id} class="row">
                  <span class="lead"><Icon name="person" /></span>
                  <span class="grow"><span class="strong">{(row as { name?: string }).name || (row.user_id === who.value?.user_id ? t("you") : row.user_id.slice(-6))}</span><br /><small class="soft">{t(`role_${row.role}`)}</small></span>
                  {isOwner.value && row.user_id !== who.value?.user_id && <button class="iconbutton" aria-label={t("remove")} onClick={() => void remove(row.user_id)}><Icon name="close" /></button>}
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
      {adding && <AddMember onClose={() => setAdding(false)} onDone={() => { setAdding(false); setRound(round + 1); }} />}
    </Screen>
  );
}

function Asked({ row, onDecide }: { row: Approval; onDecide: (id: string, choice: "approve" | "reject") => void }) {
  return (
    <article class="card stack tight">
      <p class="strong">{row.actions.map((action) => t(`ask_${action}`)).join(", ")}</p>
      <p>{row.why}</p>
      <small class="soft">{moment(row.asked_at)}</small>
      {row.status === "pending" ? (isOwner.value && (
        <div class="pair">
          <button class="button main" onClick={() => onDecide(row.approval_id, "approve")}>{t("approve")}</button>
          <button class="button bad" onClick={() => onDecide(row.approval_id, "reject")}>{t("reject")}</button>
        </div>
      )) : <span class={`chip ${row.status === "rejected" ? "bad" : "good"}`}>{t(`asked_${row.status}`)}</span>}
    </article>
  );
}

type Role = "staff" | "accountant" | "viewer" | "owner";

function AddMember({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [whom, setWhom] = useState("");
  const [role, setRole] = useState<Role>("staff");
  const [trouble, setTrouble] = useState<string | null>(null);
  const digits = whom.replace(/[^\d+]/g, "");
  const isPhone = !whom.includes("@") && digits.length >= 7;
  const add = () => post("/v1/auth/members", isPhone ? { phone: digits, role } : { email: whom.trim(), role }).then(onDone, (error: { detail?: string }) => setTrouble(error.detail ?? t("needs_network")));
  return (
    <Sheet title={t("add_member")} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); void add(); }}>
        <Field label={t("email_or_phone")} value={whom} onInput={setWhom} autofocus required />
        <Choice label={t("role")} value={role} onChange={setRole} options={(["staff", "accountant", "viewer", "owner"] as const).map((code) => [code, t(`role_${code}`)] as const)} />
        {trouble && <Notice kind="bad" icon="alert">{trouble}</Notice>}
        <button class="button main wide" disabled={!whom.includes("@") && !isPhone}>{t("add")}</button>
      </form>
    </Sheet>
  );
}

export function Devices() {
  const [round, setRound] = useState(0);
  const { answer, failed } = useAnswer(() => get<Answer<"auth_list_devices">>("/v1/auth/devices"), [round]);
  const end = (id: string) => call("DELETE", `/v1/auth/devices/${id}`).then(() => { setRound(round + 1); say(t("device_out")); }, refuse);
  return (
    <Screen title={t("devices")} up="/more">
      <div class="stack">
        <p class="soft">{t("devices_how")}</p>
        {failed && <Notice kind="advice" icon="offline">{failed}</Notice>}
        {!answer && !failed && <p class="soft">{t("loading")}</p>}
        {answer && (
          <ul class="list">
            {answer.rows.map((row) => (
              <li key={row.session_id} class="row">
                <span class="lead"><Icon name="phone" /></span>
                <span class="grow"><span class="strong">{row.device || t("unknown_device")}</span>{row.this_one && <> <span class="chip good">{t("this_device")}</span></>}<br /><small class="soft">{t("signed_in_at", { when: momentWithin(row.signed_in_at) })}</small></span>
                {!row.this_one && <button class="button small bad" onClick={() => void end(row.session_id)}>{t("sign_out")}</button>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Screen>
  );
}
