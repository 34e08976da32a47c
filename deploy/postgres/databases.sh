#!/bin/sh
# Runs once, when the server's folder is empty: a role and a database for each service, and no way into another's.
set -eu

for service in customs inspection border port gateway; do
    password=$(cat "/run/identities/$service.password")
    psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set=name="$service" --set=password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
