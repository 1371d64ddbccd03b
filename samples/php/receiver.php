<?php
// Makes a SIP account for each customer, tells Signpost of it, and follows what becomes of the customer.
//
// An endpoint for webhooks of the signups log, for any web server that runs PHP. From the environment:
//   WEBHOOK_SECRET       of the endpoint, whsec_...
//   SIGNPOST_URL         of the signup-service
//   SIGNPOST_TOKEN_FILE  holds an API token with the scope customers:provision
//   DATABASE, DATABASE_USER, DATABASE_PASSWORD  such as mysql:host=127.0.0.1;dbname=pbx; its table is in schema.sql
//
// A delivery may come again, and then changes nothing. It is acknowledged when everything is done; otherwise it comes again.
declare(strict_types=1);

const TOLERANCE_SECONDS = 300;
const STATES = [
    'signpost.signups.customer_suspended.v1' => 'suspended',
    'signpost.signups.customer_reinstated.v1' => 'active',
    'signpost.signups.customer_closed.v1' => 'closed',
    'signpost.signups.customer_erased.v1' => 'closed',
];

/** Whether Signpost signed this body, and lately: Standard Webhooks 1.0.0. */
function is_signed(string $body): bool
{
    [$id, $time, $signatures] = array_map(
        fn ($name) => $_SERVER["HTTP_WEBHOOK_$name"] ?? '', ['ID', 'TIMESTAMP', 'SIGNATURE']);
    if (!ctype_digit($time) || abs(time() - (int) $time) > TOLERANCE_SECONDS) {
        return false;
    }
    $key = base64_decode(substr(getenv('WEBHOOK_SECRET'), strlen('whsec_')), true);
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$time.$body", $key, true));
    // While a secret is replaced by another, there are two signatures.
    foreach (explode(' ', $signatures) as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

/** Makes the account, unless the customer has one. Returns it. */
function account(PDO $database, array $customer): array
{
    $make = $database->prepare('INSERT IGNORE INTO sip_accounts (customer_id, username, password) VALUES (?, ?, ?)');
    $make->execute([$customer['customer_id'], $customer['customer_number'], bin2hex(random_bytes(16))]);
    $find = $database->prepare('SELECT username, state FROM sip_accounts WHERE customer_id = ?');
    $find->execute([$customer['customer_id']]);
    return $find->fetch(PDO::FETCH_ASSOC);
}

/** Tells Signpost which account serves the customer. Told again, nothing changes. */
function acknowledge(string $customer_id, string $account): bool
{
    $token = trim(file_get_contents(getenv('SIGNPOST_TOKEN_FILE')));
    $call = [
        'method' => 'POST',
        'header' => ["Authorization: Bearer $token", 'Content-Type: application/json'],
        'content' => json_encode(['system' => 'softswitch', 'account' => $account]),
        'timeout' => 10,
        'ignore_errors' => true,
    ];
    $url = getenv('SIGNPOST_URL') . "/api/v1/customers/$customer_id/provisioned";
    @file_get_contents($url, false, stream_context_create(['http' => $call]));
    $status = (int) (explode(' ', $http_response_header[0] ?? '')[1] ?? 0);
    // Who was closed or erased meanwhile needs no account; the event that says so closes it.
    return ($status >= 200 && $status < 300) || in_array($status, [404, 409, 410], true);
}

/** The status of the answer. */
function receive(string $body): int
{
    if (!is_signed($body)) {
        return 401;
    }
    $event = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    [$type, $data] = [$event['type'], $event['data']];
    $database = new PDO(getenv('DATABASE'), getenv('DATABASE_USER'), getenv('DATABASE_PASSWORD') ?: null);
    if ($type === 'signpost.signups.customer_placed.v1') {
        ['username' => $username, 'state' => $state] = account($database, $data);
        return $state === 'closed' || acknowledge($data['customer_id'], $username) ? 204 : 503;
    }
    if (isset(STATES[$type])) {
        $change = $database->prepare("UPDATE sip_accounts SET state = ? WHERE customer_id = ? AND state <> 'closed'");
        $change->execute([STATES[$type], $data['customer_id']]);
    }
    return 204;
}

http_response_code(receive(file_get_contents('php://input')));
