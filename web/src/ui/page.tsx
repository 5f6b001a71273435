/** The frame of one page: title, breadcrumb, heading. The heading takes the focus when one comes from another page, so that a screen reader begins there. */
import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { Breadcrumb, type Crumb } from "./breadcrumb.tsx";

export interface PageProps {
  /** Plain text, for the window's title; and the heading unless `heading` replaces it. */
  title: string;
  heading?: ReactNode;
  /** The way here, without this page. */
  crumbs?: readonly Crumb[];
  /** One or two lines under the heading. */
  lede?: ReactNode;
  /** Buttons beside the heading. */
  actions?: ReactNode;
  /** `wide` uses the whole window, for tables. @default "normal" */
  width?: "normal" | "wide";
  children: ReactNode;
}

/** Survives pages: the path that was last shown, and whether the way to the present one was the back button. */
const visit: { path: string | null; byHistory: boolean } = { path: null, byHistory: false };
window.addEventListener("popstate", () => {
  visit.byHistory = true;
});

export function Page({ title, heading, crumbs = [], lede, actions, width = "normal", children }: PageProps) {
  const [path] = useLocation();
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === "Countersteer" ? title : `${title} · Countersteer`;
  }, [title]);
  useEffect(() => {
    if (visit.path !== null && visit.path !== path) {
      ref.current?.focus({ preventScroll: true });
      // the browser itself restores the place that the back button leads to
      if (!visit.byHistory) window.scrollTo(0, 0);
    }
    visit.path = path;
    visit.byHistory = false;
  }, [path]);
  return (
    <div className={`page page-${width}`}>
      <header className="page-header">
        <Breadcrumb crumbs={crumbs} />
        <div className="page-title">
          <h1 ref={ref} tabIndex={-1}>
            {heading ?? title}
          </h1>
          {actions === undefined ? null : <div className="page-actions">{actions}</div>}
        </div>
        {lede === undefined ? null : <div className="lede">{lede}</div>}
      </header>
      {children}
    </div>
  );
}
