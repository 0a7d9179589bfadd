import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";

export type Tone = "plain" | "wait" | "good" | "bad" | "note";

/** One screen: a title, what there is to see, and the next step at the bottom. */
export function Screen(props: {
  title: string;
  back?: { href: string; label: string } | undefined;
  aside?: ComponentChildren;
  action?: ComponentChildren;
  /** Ways to the other main screens; below the next step. */
  tabs?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = props.title + " · Tận Nhà";
    // A screen reader is told that the page has changed, unless somebody is typing already.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [props.title]);
  return (
    <>
      <header class="top">
        {props.back && (
          <a class="button icon" href={props.back.href} aria-label={props.back.label}>
            <Icon name="back" />
          </a>
        )}
        <h1 tabIndex={-1} ref={heading}>
          {props.title}
        </h1>
        {props.aside}
      </header>
      <main>{props.children}</main>
      {(props.action || props.tabs) && (
        <footer class="foot">
          {props.action && <div class="bottom">{props.action}</div>}
          {props.tabs}
        </footer>
      )}
    </>
  );
}

type Kind = "primary" | "secondary" | "danger" | "quiet";

/**
 * A button that does its work once: while it waits it says what for, and cannot be pressed again.
 * What the work throws is the screen's to show.
 */
export function Button(props: {
  children: ComponentChildren;
  onPress: () => void | Promise<unknown>;
  kind?: Kind;
  icon?: IconName;
  big?: boolean;
  disabled?: boolean;
  working?: string;
  submit?: boolean;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => void (alive.current = false);
  }, []);
  const press = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await props.onPress();
    } finally {
      if (alive.current) setBusy(false);
    }
  };
  return (
    <button
      type={props.submit ? "submit" : "button"}
      class={`button ${props.kind ?? "secondary"}${props.big ? " big" : ""}`}
      disabled={props.disabled || busy}
      onClick={press}
    >
      {props.icon && <Icon name={props.icon} />}
      <span>{busy && props.working ? props.working : props.children}</span>
    </button>
  );
}

export function LinkButton(props: {
  href: string;
  children: ComponentChildren;
  kind?: Kind;
  icon?: IconName;
  big?: boolean;
}): JSX.Element {
  return (
    <a class={`button ${props.kind ?? "secondary"}${props.big ? " big" : ""}`} href={props.href}>
      {props.icon && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </a>
  );
}

/** A row of a list that leads somewhere. */
export function Line(props: {
  href?: string;
  onPress?: () => void;
  icon?: IconName;
  title: ComponentChildren;
  below?: ComponentChildren;
  end?: ComponentChildren;
}): JSX.Element {
  const inside = (
    <>
      {props.icon && <Icon name={props.icon} />}
      <span class="grow">
        <span class="title" style="display:block">
          {props.title}
        </span>
        {props.below && (
          <span class="small" style="display:block">
            {props.below}
          </span>
        )}
      </span>
      {props.end}
      {(props.href || props.onPress) && <Icon name="go" class="go" />}
    </>
  );
  if (props.href)
    return (
      <a class="line" href={props.href}>
        {inside}
      </a>
    );
  if (props.onPress)
    return (
      <button type="button" class="line" onClick={props.onPress}>
        {inside}
      </button>
    );
  return <div class="line">{inside}</div>;
}

export function Badge(props: {
  tone?: Tone;
  icon?: IconName;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <span class={`badge ${props.tone ?? "plain"}`}>
      {props.icon && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </span>
  );
}

const noticeIcon: Record<Tone, IconName> = {
  plain: "info",
  note: "info",
  wait: "clock",
  good: "check",
  bad: "alert",
};

export function Notice(props: {
  tone?: Tone;
  title?: string;
  icon?: IconName;
  children?: ComponentChildren;
  live?: boolean;
}): JSX.Element {
  const tone = props.tone ?? "note";
  return (
    <div
      class={`notice ${tone}`}
      role={props.live ? (tone === "bad" ? "alert" : "status") : undefined}
    >
      <Icon name={props.icon ?? noticeIcon[tone]} />
      <div class="stack tight" style="flex:1;min-width:0">
        {props.title && <strong>{props.title}</strong>}
        {props.children}
      </div>
    </div>
  );
}

export function TextField(props: {
  label: string;
  value: string;
  onSave: (value: string) => void;
  onInput?: (value: string) => void;
  hint?: string | undefined;
  error?: string | undefined;
  mode?: "text" | "tel" | "numeric" | "search";
  lines?: boolean;
  upper?: boolean;
}): JSX.Element {
  const id = useId();
  const [text, setText] = useState(props.value);
  const typing = useRef(false);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (!typing.current) setText(props.value);
  }, [props.value]);
  const save = (value: string) => {
    typing.current = false;
    if (value.trim() !== latest.current.value) latest.current.onSave(value.trim());
  };
  const pending = useRef(text);
  pending.current = text;
  // The system may end a hidden page at any time: what is typed is saved before that.
  useEffect(() => {
    const hidden = () => {
      if (document.visibilityState === "hidden" && typing.current) save(pending.current);
    };
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      if (typing.current) save(pending.current);
    };
  }, []);
  const shared = {
    id,
    value: text,
    autocomplete: "off",
    "aria-invalid": props.error ? true : undefined,
    "aria-describedby": props.error || props.hint ? id + "-hint" : undefined,
    onInput: (event: Event) => {
      const value = (event.currentTarget as HTMLInputElement).value;
      typing.current = true;
      setText(value);
      props.onInput?.(value);
    },
    onBlur: (event: Event) => {
      if (typing.current) save((event.currentTarget as HTMLInputElement).value);
    },
  } as const;
  return (
    <div class="field">
      <label class="label" for={id}>
        {props.label}
      </label>
      {props.lines ? (
        <textarea {...shared} rows={2} />
      ) : (
        <input
          {...shared}
          type="text"
          inputMode={props.mode ?? "text"}
          autocapitalize={props.upper ? "characters" : "sentences"}
          spellcheck={false}
        />
      )}
      {(props.error ?? props.hint) && (
        <span id={id + "-hint"} class={props.error ? "small error" : "small"}>
          {props.error ?? props.hint}
        </span>
      )}
    </div>
  );
}

export function Choices<Value extends string>(props: {
  legend: string;
  value: Value | undefined;
  options: readonly { value: Value; label: string; below?: string }[];
  /** Side by side where there is room. */
  short?: boolean;
  onChange: (value: Value) => void;
}): JSX.Element {
  const name = useId();
  return (
    <fieldset class="stack tight">
      <legend class="label" style="margin-bottom:.375rem">
        {props.legend}
      </legend>
      <div class={props.short ? "choices short" : "choices"}>
        {props.options.map((option) => (
          <label class="choice" key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={props.value === option.value}
              onChange={() => props.onChange(option.value)}
            />
            <span>
              {option.label}
              {option.below && (
                <span class="small" style="display:block">
                  {option.below}
                </span>
              )}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Stepper(props: {
  label: string;
  value: number;
  less: string;
  more: string;
  onChange: (value: number) => void;
}): JSX.Element {
  return (
    <div class="stepper" role="group" aria-label={props.label}>
      <span>{props.label}</span>
      <div>
        <button
          type="button"
          class="button"
          aria-label={props.less}
          disabled={props.value === 0}
          onClick={() => props.onChange(props.value - 1)}
        >
          −
        </button>
        <output aria-live="polite">{props.value}</output>
        <button
          type="button"
          class="button"
          aria-label={props.more}
          onClick={() => props.onChange(props.value + 1)}
        >
          +
        </button>
      </div>
    </div>
  );
}

export function Progress(props: { label: string; done: number; of: number }): JSX.Element {
  const share = props.of > 0 ? Math.min(100, Math.round((100 * props.done) / props.of)) : 0;
  return (
    <div class="stack tight">
      <span class="small">{props.label}</span>
      <div
        class="bar"
        role="progressbar"
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={share}
      >
        <div style={`width:${share}%`} />
      </div>
    </div>
  );
}

/** Says what is being waited for, once it has taken long enough to be noticed. */
export function Waiting({ for: what }: { for: string }): JSX.Element {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 100);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="small" role="status">
      {shown ? what : ""}
    </p>
  );
}

export function Facts({
  of,
}: {
  of: readonly (readonly [string, ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
