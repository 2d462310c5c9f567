// The smallest fair Go peer: httputil.ReverseProxy with the same CORS policy, written by hand.
package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
)

const origin = "https://app.example.com"

func main() {
	runtime.GOMAXPROCS(1)
	backend, err := url.Parse(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(backend)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true}
	logs := os.Args[3] == "true"
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		allowed := r.Header.Get("Origin") == origin
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			header.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
			if allowed {
				header.Set("Access-Control-Allow-Origin", origin)
				header.Set("Access-Control-Allow-Methods", "GET, POST, PUT")
				header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
				header.Set("Access-Control-Max-Age", "600")
			}
			w.WriteHeader(http.StatusNoContent)
		} else {
			header.Add("Vary", "Origin")
			if allowed {
				header.Set("Access-Control-Allow-Origin", origin)
			}
			proxy.ServeHTTP(w, r)
		}
		if logs {
			log.Printf("%s %s", r.Method, r.URL.Path)
		}
	})
	log.Fatal(http.ListenAndServe(os.Args[1], handler))
}
