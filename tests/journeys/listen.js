// Runs before the page's own scripts: violations of the policy become complaints.
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
);
