// Asks an authenticator, nothing else. Pages work without it: what needs it stays hidden.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const raw = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const read = (options) => {
    const made = { ...options, challenge: raw(options.challenge) };
    if (options.user) made.user = { ...options.user, id: raw(options.user.id) };
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (options[list]) made[list] = options[list].map((each) => ({ ...each, id: raw(each.id) }));
    }
    return made;
  };

  const spell = (credential) => {
    const response = {};
    for (const part of
      ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
  };

  const post = async (where, body, csrf) => {
    const headers = { "Content-Type": "application/json" };
    if (csrf) headers["X-CSRF-Token"] = csrf;
    const answer = await fetch(where, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const ceremonies = {
    sign_in: async () => {
      const options = await post("/api/v1/sessions/passkey/options", {});
      const found = await navigator.credentials.get({ publicKey: read(options) });
      await post("/api/v1/sessions/passkey", { credential: spell(found) });
    },
    prove: async (csrf) => {
      const options = await post("/api/v1/sessions/current/proof/options", {}, csrf);
      const found = await navigator.credentials.get({ publicKey: read(options) });
      await post("/api/v1/sessions/current/proof", { passkey: spell(found) }, csrf);
    },
    add: async (csrf, form) => {
      const options = await post("/api/v1/passkeys/options", {}, csrf);
      const made = await navigator.credentials.create({ publicKey: read(options) });
      const name = form.elements.name.value.trim() || form.dataset.name;
      await post("/api/v1/passkeys", { name, credential: spell(made) }, csrf);
    },
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.closest("[data-passkey-part]").hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const told = form.querySelector("[role=alert]");
      told.hidden = true;
      try {
        const csrf = form.elements.csrf ? form.elements.csrf.value : "";
        await ceremonies[form.dataset.passkey](csrf, form);
        window.location.assign(form.dataset.next);
      } catch {
        told.hidden = false;
        form.querySelector("button").focus();
      }
    });
  }
})();
