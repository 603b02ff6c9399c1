/** Where rooms beside each other are a strip, the tab of the one in view is the current one. */
class PaneTabs extends HTMLElement {
  connectedCallback() {
    const seen = new IntersectionObserver((panes) => panes.forEach((pane) => this.#mark(pane)), { threshold: 0.6 });
    for (const pane of document.querySelectorAll(".pane")) seen.observe(pane);
  }

  #mark({ target, isIntersecting }) {
    const tab = this.querySelector(`[href="#${target.id}"]`);
    if (isIntersecting) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

customElements.define("pane-tabs", PaneTabs);
