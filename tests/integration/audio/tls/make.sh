#!/bin/sh
# Made the certificates of this folder: keys of no value, good for 127.0.0.1 and localhost only, for 100 years.
# ca.pem signs server.pem; forged.pem names the same host and is signed by nobody we trust.
set -e
cd "$(dirname "$0")"
names="subjectAltName=DNS:localhost,IP:127.0.0.1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=Antrean test CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout ca.key -out ca.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" -keyout server.key -out server.csr
printf '%s\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n' "$names" > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 -extfile server.ext -out server.crt
cat server.key server.crt > server.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "/CN=localhost" -addext "$names" \
    -keyout forged.key -out forged.crt
cat forged.key forged.crt > forged.pem
rm -f ca.key ca.srl server.key server.csr server.crt server.ext forged.key forged.crt
