// Passkeys and security keys (WebAuthn): forms whose `credential` the browser fills in when they are sent.
// <form data-passkey="create|get"> finds its options in the element that `data-options` names, or at `data-asks`.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0)).buffer;

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const create = async ({ publicKey }, form) => {
  const alone = form.elements.namedItem("passwordless")?.checked ?? false;
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: alone,
        ...(alone && { userVerification: "required" }),
      },
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  return {
    ...shared(made),
    response: {
      clientDataJSON: text(clientDataJSON),
      attestationObject: text(attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
};

const get = async ({ publicKey }) => {
  const shown = await navigator.credentials.get({
    publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
  return {
    ...shared(shown),
    response: {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
};

const shared = (credential) => ({
  type: credential.type,
  id: credential.id,
  rawId: text(credential.rawId),
  authenticatorAttachment: credential.authenticatorAttachment,
  clientExtensionResults: credential.getClientExtensionResults(),
});

const options = async (form) => {
  if (form.dataset.options) {
    const told = JSON.parse(document.getElementById(form.dataset.options).textContent);
    return told.creation_options ?? told.request_options;
  }
  const answer = await fetch(form.dataset.asks, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`options: ${answer.status}`);
  return (await answer.json()).request_options;
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const told = form.querySelector("[data-passkey-told]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (told) told.hidden = true;
    try {
      const credential = await (form.dataset.passkey === "create" ? create : get)(await options(form), form);
      form.elements.namedItem("credential").value = JSON.stringify(credential);
      form.submit();
    } catch {
      // Refused by the person or the device, or taking too long: the browser has said which.
      if (told) told.hidden = false;
    }
  });
}
