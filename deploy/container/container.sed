# What of deploy/nginx/lec.conf is another between containers.
s/server 127\.0\.0\.1:8080/server web:8080/
s/server_name lec\.example\.go\.th;/server_name _;/
s/proxy_set_header Host \$host;/proxy_set_header Host $http_host;/
s/proxy_set_header X-Forwarded-Host \$host;/proxy_set_header X-Forwarded-Host $http_host;/
/listen \[::\]/d
