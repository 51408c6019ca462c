// Runs before the page's own scripts: violations of the policy become complaints, and a page that shows the present
// stays as it came (a hidden one asks for nothing).
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
);
Object.defineProperty(document, "hidden", { get: () => true });
