import { Link } from "wouter";
import { links } from "../lib/links.ts";
import { Page } from "./page.tsx";
import { Empty } from "./states.tsx";

export function NotFound() {
  return (
    <Page title="No such page">
      <Empty title="Nothing lies at this address.">
        <p>
          <Link href={links.runs()}>All runs</Link>
        </p>
      </Empty>
    </Page>
  );
}
