-- The accounts of a softswitch. A customer has one at most, for good: a closed one stays, so that nothing makes it again.
CREATE TABLE sip_accounts (
    customer_id CHAR(36) PRIMARY KEY,
    username VARCHAR(20) NOT NULL UNIQUE,
    password CHAR(32) NOT NULL,
    state ENUM('active', 'suspended', 'closed') NOT NULL DEFAULT 'active'
);
