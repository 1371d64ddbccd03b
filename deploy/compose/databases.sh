#!/usr/bin/env bash
# Creates one role and one database for each service. The image runs this once, on an empty volume.
# Neither service can open the other's database.
set -euo pipefail

make_database() {
  local name=$1 password=$2
  # The statements are read from stdin, since psql expands variables only there.
  psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
    --set=name="$name" --set=password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

make_database agents "$AGENTS_DATABASE_PASSWORD"
make_database signup "$SIGNUP_DATABASE_PASSWORD"
