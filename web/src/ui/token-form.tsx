/** Asks for the token where an act was refused for want of it. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { createApi, noContent } from "../lib/api.ts";
import { problemOf } from "../lib/api-problem.ts";
import { keepToken, tokenIn } from "../lib/token.ts";
import { Button } from "./button.tsx";
import { TextField } from "./fields.tsx";

export function TokenForm() {
  const [text, setText] = useState("");
  const check = useMutation({
    mutationFn: async () => {
      const token = tokenIn(text) ?? text.trim();
      const asked = createApi({ token: () => token });
      await asked.post({ path: "/api/session/check", schema: noContent });
      keepToken(token);
    },
  });
  if (check.isSuccess) return <p role="status">This tab may act now. Do it once more.</p>;
  return (
    <form
      className="token-form"
      onSubmit={(event) => {
        event.preventDefault();
        check.mutate();
      }}
    >
      <TextField
        label="Address that the viewer printed when it started, or its token"
        value={text}
        onChange={setText}
        required
      />
      <Button type="submit" disabled={text.trim() === "" || check.isPending}>
        Use it
      </Button>
      {check.error === null ? null : <p role="alert">{problemOf(check.error).what}</p>}
    </form>
  );
}
