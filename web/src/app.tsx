/** The addresses of the app and the pages behind them. Each page is a file of its own that is loaded when it is opened. */
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Route, Switch } from "wouter";
import { createQueryClient } from "./lib/query-client.ts";
import { AppFrame } from "./ui/app-frame.tsx";
import { ErrorBoundary } from "./ui/error-boundary.tsx";
import { NotFound } from "./ui/not-found.tsx";
import { Loading } from "./ui/states.tsx";

const RunsPage = lazy(() => import("./pages/runs/runs-page.tsx"));
const RunPage = lazy(() => import("./pages/run/run-page.tsx"));
const TrialsPage = lazy(() => import("./pages/trials/trials-page.tsx"));
const TrialPage = lazy(() => import("./pages/trial/trial-page.tsx"));
const ComparePage = lazy(() => import("./pages/compare/compare-page.tsx"));
const LatentsPage = lazy(() => import("./pages/latents/latents-page.tsx"));
const LatentPage = lazy(() => import("./pages/latents/latent-page.tsx"));
const PlaygroundPage = lazy(() => import("./pages/playground/playground-page.tsx"));

export function App() {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <AppFrame>
        <ErrorBoundary>
          <Suspense fallback={<Loading what="the page" />}>
            <Switch>
              <Route path="/" component={RunsPage} />
              <Route path="/run/:run" component={RunPage} />
              <Route path="/run/:run/trials" component={TrialsPage} />
              <Route path="/run/:run/trial/:key" component={TrialPage} />
              <Route path="/compare" component={ComparePage} />
              <Route path="/latents" component={LatentsPage} />
              <Route path="/latents/:sae/:latent" component={LatentPage} />
              <Route path="/playground" component={PlaygroundPage} />
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </AppFrame>
    </QueryClientProvider>
  );
}
