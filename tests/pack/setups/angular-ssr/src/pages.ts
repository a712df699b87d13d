import { httpResource, type HttpErrorResponse } from '@angular/common/http';
import { Component, TransferState, inject, input, makeStateKey } from '@angular/core';

const MADE = makeStateKey<number>('made');

@Component({ template: '<h1 id="made">Made at {{ made }}</h1>' })
export class Made {
  readonly #state = inject(TransferState);
  readonly made = this.#state.get(MADE, performance.now());

  constructor() {
    this.#state.set(MADE, this.made);
  }
}

@Component({
  template: `
    @if (made.value(); as at) { <h1 id="made">Visit {{ id() }} at {{ at }}</h1> }
    <p id="mine">{{ mine.hasValue() ? mine.value() : code() }}</p>`,
})
export class Visit {
  readonly id = input.required<string>();
  /** No call of the API: the server makes it while it renders, and the page gets what came. */
  readonly made = httpResource.text(() => '/made');
  /** A call of the API, which servers cannot make. */
  readonly mine = httpResource.text(() => '/api/mine');
  readonly code = () => (this.mine.error() as HttpErrorResponse | undefined)?.error.code;
}
