import { Component, type ReactNode } from "react";
import { ProblemNote } from "./states.tsx";

interface State {
  error: unknown;
}

/** A page that throws leaves the rest of the app standing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error ?? new Error("unknown") };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="page page-normal">
        <h1>This page failed</h1>
        <ProblemNote problem={this.state.error} retry={() => this.setState({ error: null })} />
      </div>
    );
  }
}
