/** What stands around every page: skip link, where one can go, light or dark. */
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { links } from "../lib/links.ts";
import { ThemeToggle } from "./theme-toggle.tsx";

const PLACES = [
  { name: "Runs", href: links.runs(), begins: ["/run/"] },
  { name: "Compare", href: links.compare(), begins: [] },
  { name: "Latents", href: links.latents(), begins: ["/latents/"] },
  { name: "Playground", href: links.playground(), begins: [] },
];

export function AppFrame({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const at = ({ href, begins }: (typeof PLACES)[number]) =>
    path === href || begins.some((begin) => path.startsWith(begin));
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <header className="app-header">
        <div className="app-header-row">
          <Link className="brand" href={links.runs()}>
            <Mark />
            <span>Countersteer</span>
          </Link>
          <nav aria-label="Main" className="app-nav">
            <ul>
              {PLACES.map((place) => (
                <li key={place.href}>
                  <Link href={place.href} aria-current={at(place) ? "page" : undefined}>
                    {place.name}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <ThemeToggle />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** A course that is pushed off and comes back. */
function Mark() {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 26C11 26 12 7 19 7s5 11 10 11" />
      <circle cx="19" cy="7" r="3.5" />
    </svg>
  );
}
