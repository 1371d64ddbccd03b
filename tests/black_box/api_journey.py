"""The journey of the examples: service, operation, parameters, body and the name by which later steps know the answer.

`$name.member` is a member of such an answer. A repeated operation is no further example.
"""

WHY = {"reason": "Asked for by telephone"}
EUR_25 = {"amount": "25.00", "currency": "EUR"}
LAST_MONTH = {"since": "2026-01-01", "until": "2026-01-31"}

STEPS = [
    ("agents", "getSettings", {}, None, "settings"),
    ("agents", "putSettings", {"If-Match": "$settings.etag"}, {
        "customer_interface_url": "https://signup.example.org", "hold_days": 0, "payout_block_days": 0,
    }, None),
    ("agents", "createCallPlan", {}, {"name": "Family Talk", "description": "Calls to 40 countries", "price_text": "9.99 a month"}, "plan"),
    ("agents", "updateCallPlan", {"id": "$plan.id", "If-Match": "$plan.etag"}, {"price_text": "11.99 a month"}, None),
    ("agents", "createAgent", {}, {
        "login": "maria-santos",
        "password": "correct horse battery staple",
        "permissions": ["customers", "signup_urls", "sales"],
        "remittance_threshold": {"amount": "10.00", "currency": "EUR"},
        "name": "Maria Santos",
        "commission_percent": "10",
        "contact": {"email": "maria@example.org", "country": "PT"},
    }, "agent"),
    ("agents", "updateAgent", {"id": "$agent.id", "If-Match": "$agent.etag"}, {"commission_percent": "12.5"}, None),
    ("agents", "batchAgents", {}, {
        "login": "joao-silva",
        "password": "correct horse battery staple",
        "permissions": ["sales"],
        "remittance_threshold": {"amount": "10.00", "currency": "EUR"},
    }, "line"),
    ("agents", "grantCallPlan", {"id": "$agent.id", "call_plan_id": "$plan.id"}, {"commission_percent": "15"}, None),
    ("agents", "createGroup", {}, {
        "name": "Family Talk customers", "description": "", "agent_id": "$agent.id", "ui_elements": ["password", "invoices"],
    }, "group"),
    ("agents", "updateGroup", {"id": "$group.id", "If-Match": "$group.etag"}, {"description": "Who came in spring"}, None),
    ("agents", "batchGroups", {}, {"name": "Office customers", "agent_id": "$agent.id"}, None),
    ("agents", "createSignupKey", {}, {
        "agent_id": "$agent.id", "call_plan_id": "$plan.id", "group_id": "$group.id", "slug": "spring-offer", "label": "Spring", "cap": 500,
    }, "key"),
    ("agents", "updateSignupKey", {"key": "$key.key", "If-Match": "$key.etag"}, {"label": "Spring and summer"}, None),
    ("agents", "batchSignupKeys", {}, {
        "agent_id": "$agent.id", "call_plan_id": "$plan.id", "group_id": "$group.id", "slug": "market-stall",
    }, None),
    ("agents", "pauseSignupKey", {"key": "$key.key"}, WHY, None),
    ("agents", "resumeSignupKey", {"key": "$key.key"}, {}, None),
    ("agents", "suspendAgent", {"id": "$agent.id"}, WHY, None),
    ("agents", "reinstateAgent", {"id": "$agent.id"}, WHY, "agent_now"),
    ("agents", "createAgentMessage", {"id": "$agent.id"}, {"text": "Welcome. Your first key is ready."}, "message"),
    ("agents", "deleteAgentMessage", {"id": "$agent.id", "message_id": "$message.id"}, WHY, None),
    ("agents", "createApiToken", {}, {"name": "Billing", "scopes": ["payments:write"]}, "token"),
    ("agents", "deleteApiToken", {"id": "$token.id"}, None, None),
    ("agents", "createApiToken", {}, {"name": "Poor", "scopes": ["plans:read"]}, "poor"),
    ("agents", "createOperator", {}, {"login": "night-shift", "password": "correct horse battery staple"}, "operator"),
    ("agents", "updateOperator", {"id": "$operator.id"}, {"password": "another long enough password"}, None),
    ("agents", "disableOperator", {"id": "$operator.id"}, WHY, None),
    ("agents", "enableOperator", {"id": "$operator.id"}, WHY, None),
    ("agents", "disableOperator", {"id": "$operator.id"}, WHY, None),
    ("agents", "deleteOperator", {"id": "$operator.id"}, WHY, None),
    # A customer.
    ("signup", "getSignupKey", {"key": "$key.key", "at_least": "$agent_now.position"}, None, "offer"),
    ("signup", "createSignup", {}, {
        "key": "$key.key",
        "email": "zoe@example.org",
        "first_name": "Zoë",
        "consent": {"terms_version": "$offer.terms_version"},
        "campaign": {"utm_source": "newsletter"},
    }, "signup"),
    ("signup", "getCustomer", {"id": "$signup.customer_id"}, None, "customer"),
    ("signup", "updateCustomer", {"id": "$signup.customer_id", "If-Match": "$customer.etag"}, {"first_name": "Zoe", "last_name": "Lind"}, None),
    ("signup", "reportProvisioningFailed", {"id": "$signup.customer_id"}, {"system": "softswitch", "reason": "No free number"}, None),
    ("signup", "reportProvisioned", {"id": "$signup.customer_id"}, {
        "system": "softswitch", "account": "482197", "details": {"domain": "sip.example.org"},
    }, None),
    ("signup", "suspendCustomer", {"id": "$signup.customer_id"}, WHY, None),
    ("signup", "reinstateCustomer", {"id": "$signup.customer_id"}, WHY, None),
    # Money.
    ("agents", "getPlacement", {"customer_id": "$signup.customer_id", "at_least": "$signup.position"}, None, None),
    ("agents", "createPayment", {}, {
        "reference": "INV-1001", "customer_id": "$signup.customer_id", "amount": {"amount": "119.00", "currency": "EUR"},
        "vat_percent": "19", "received_at": "2026-01-31T09:30:00Z",
    }, None),
    ("agents", "createPaymentRefund", {"reference": "INV-1001"}, {"reference": "REF-1", "amount": {"amount": "11.90", "currency": "EUR"}}, None),
    ("agents", "createPaymentChargeback", {"reference": "INV-1001"}, {
        "reference": "CB-1", "amount": {"amount": "11.90", "currency": "EUR"}, "reason": "Card stolen",
    }, None),
    ("agents", "winPaymentChargeback", {"reference": "INV-1001", "chargeback": "CB-1"}, {}, None),
    ("agents", "createPayment", {}, {
        "reference": "INV-1002", "customer_number": "9999999999", "amount": {"amount": "10.00", "currency": "EUR"},
        "received_at": "2026-01-31T09:30:00Z",
    }, None),
    ("agents", "attributePayment", {"reference": "INV-1002"}, {"customer_id": "$signup.customer_id", "reason": "Typed wrongly"}, None),
    ("agents", "createAgentCorrection", {"id": "$agent.id"}, {"amount": {"amount": "100.00", "currency": "EUR"}, "reason": "Opening balance"}, None),
    ("agents", "previewCommissionRules", {}, {"agent_id": "$agent.id", "commission_percent": "20", **LAST_MONTH}, None),
    ("agents", "createRemittance", {}, {"agent_id": "$agent.id", "amount": EUR_25}, "first"),
    ("agents", "approveRemittance", {"id": "$first.id"}, {}, None),
    ("agents", "payRemittance", {"id": "$first.id"}, {"method": "bank_transfer", "bank_reference": "SEPA-77"}, None),
    ("agents", "returnRemittance", {"id": "$first.id"}, {"reason": "The account is closed"}, None),
    ("agents", "createRemittance", {}, {"agent_id": "$agent.id", "amount": EUR_25}, "second"),
    ("agents", "refuseRemittance", {"id": "$second.id"}, {"reason": "The bank details are old"}, None),
    ("agents", "createRemittance", {}, {"agent_id": "$agent.id", "amount": EUR_25}, "third"),
    ("agents", "approveRemittances", {}, {"ids": ["$third.id"]}, None),
    ("agents", "createRemittance", {}, {"agent_id": "$agent.id", "amount": EUR_25}, "fourth"),
    ("agents", "cancelRemittance", {"id": "$fourth.id"}, {}, None),
    ("agents", "createStatement", {}, {"agent_id": "$agent.id", "period": LAST_MONTH}, None),
    ("agents", "batchStatements", {}, {"period": LAST_MONTH, "limit": 100}, None),
    # Webhooks.
    ("agents", "createWebhook", {}, {"url": "https://billing.voip.example/signpost", "description": "Billing", "logs": ["agents"]}, "hook"),
    ("agents", "updateWebhook", {"id": "$hook.id", "If-Match": "$hook.etag"}, {"description": "The billing system"}, None),
    ("agents", "pauseWebhook", {"id": "$hook.id"}, WHY, None),
    ("agents", "rotateWebhookSecret", {"id": "$hook.id"}, {"end_old_now": True}, None),
    ("agents", "replayWebhook", {"id": "$hook.id"}, {"log": "agents", "after": 0, "reason": "Their database was lost"}, None),
    ("agents", "skipWebhook", {"id": "$hook.id"}, {"log": "agents", "position": 5, "reason": "They have these"}, None),
    ("agents", "resumeWebhook", {"id": "$hook.id"}, {}, None),
    ("agents", "deleteWebhook", {"id": "$hook.id"}, WHY, None),
]

NOBODY = "01970000-0000-7000-8000-999999999999"

# Service, operation, parameters, body, headers and the status that must follow.
FAULTS = [
    ("agents", "getAgent", {"id": "$agent.id"}, None, {"If-None-Match": "*"}, 304),
    ("agents", "listEvents", {"after": "x"}, None, {}, 400),
    ("agents", "listAgents", {}, None, {"Authorization": "Bearer wrong"}, 401),
    ("agents", "listAgents", {}, None, {"Authorization": "Bearer $poor.token"}, 403),
    ("agents", "getAgent", {"id": NOBODY}, None, {}, 404),
    ("signup", "getSignupKey", {"key": "no-such-key"}, None, {}, 404),
    ("agents", "getStatement", {"number": "1"}, None, {"Accept": "image/png"}, 406),
    ("agents", "listEvents", {"after": 999999}, None, {}, 409),
    ("agents", "approveRemittance", {"id": "$second.id"}, {}, {}, 409),
    ("agents", "updateCallPlan", {"id": "$plan.id"}, {"name": "Family"}, {"If-Match": '"99"'}, 412),
    ("agents", "createCallPlan", {}, {"name": "x" * 300_000}, {}, 413),
    ("agents", "createCallPlan", {}, {"name": "Late Talk"}, {"Content-Type": "text/plain"}, 415),
    ("agents", "listAgents", {"limit": 500}, None, {}, 422),
    ("agents", "updateAgent", {"id": "$agent.id"}, {}, {}, 428),
    ("signup", "updateCustomer", {"id": "$signup.customer_id"}, {}, {}, 428),
]

LAST = [
    ("signup", "closeCustomer", {"id": "$signup.customer_id"}, WHY, None),
    ("signup", "deleteCustomer", {"id": "$signup.customer_id"}, WHY, None),
    ("agents", "revokeSignupKey", {"key": "$key.key"}, WHY, None),
    ("agents", "withdrawCallPlan", {"id": "$agent.id", "call_plan_id": "$plan.id", "reason": "Ended"}, None, None),
    ("agents", "retireCallPlan", {"id": "$plan.id"}, WHY, None),
    ("agents", "closeAgent", {"id": "$agent.id"}, WHY, None),
    ("agents", "deleteAgent", {"id": "$agent.id"}, WHY, None),
]
