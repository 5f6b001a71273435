/** A button whose deed is asked about first, and which tells what came of it. */
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId, useRef } from "react";
import { Button, type ButtonProps } from "./button.tsx";
import { ProblemNote } from "./states.tsx";

export interface ConfirmButtonProps extends Pick<ButtonProps, "look" | "size"> {
  /** On the button, and on the one that confirms. */
  name: string;
  /** Completes the name for who does not see what stands around it. */
  label?: string;
  question: string;
  /** What will happen. */
  children: ReactNode;
  deed: () => Promise<unknown>;
  onDone?: () => void;
}

export function ConfirmButton({
  name,
  label,
  question,
  children,
  deed,
  onDone,
  look,
  size,
}: ConfirmButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const action = useMutation({
    mutationFn: deed,
    onSuccess: () => {
      dialog.current?.close();
      onDone?.();
    },
  });
  const kind = { ...(look === undefined ? {} : { look }), ...(size === undefined ? {} : { size }) };
  return (
    <>
      <Button
        {...kind}
        aria-label={label}
        aria-haspopup="dialog"
        onClick={() => {
          action.reset();
          dialog.current?.showModal();
        }}
      >
        {name}
      </Button>
      <dialog ref={dialog} className="dialog" aria-labelledby={id}>
        <h2 id={id}>{question}</h2>
        <div className="stack">{children}</div>
        {action.error === null ? null : <ProblemNote problem={action.error} />}
        <div className="dialog-foot">
          <Button onClick={() => dialog.current?.close()}>Cancel</Button>
          <Button look={look ?? "main"} disabled={action.isPending} onClick={() => action.mutate()}>
            {action.isPending ? `${name}…` : name}
          </Button>
        </div>
      </dialog>
    </>
  );
}
