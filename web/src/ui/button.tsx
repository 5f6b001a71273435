import type { ButtonHTMLAttributes } from "react";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `main`: the one thing that a page is for; `danger`: what ends or discards something. @default "plain" */
  look?: "plain" | "main" | "danger" | "quiet";
  /** @default "normal" */
  size?: "normal" | "small";
}

export function Button({
  look = "plain",
  size = "normal",
  className = "",
  type = "button",
  ...rest
}: ButtonProps) {
  return <button {...rest} type={type} className={`button button-${look} button-${size} ${className}`} />;
}
