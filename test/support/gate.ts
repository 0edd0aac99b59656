/** A door that a test opens when it wants the other side to go on. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Makes a closed gate. */
export function gate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A gate that opens a given time after each look at it: a model with latency, in milliseconds. */
export function latency(ms: number): Gate {
  return {
    open: () => {},
    get opened() {
      return new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
    },
  };
}
