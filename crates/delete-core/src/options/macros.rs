/// Defines the `ClientBuilder` of a vendor whose clients authenticate with an [`ApiKey`](crate::ApiKey) in the first of the
/// environment variables, and whose base URL may be in the second: the option methods, `build`, and `Client::builder` and
/// `from_env`.
///
/// The vendor crate writes `try_build`, whose errors then name the vendor. Its own options follow as fields with their
/// defaults; an `Option` that is also read from the environment has the attribute `#[env = "…"]`.
#[macro_export]
macro_rules! api_key_builder {
    (
        $client:ident, $vendor:expr, $key:literal, $base_url:literal
        $(, $(#[env = $variable:literal])? $field:ident: $kind:ty = $default:expr)*
    ) => {
        impl $client {
            /// Returns a builder for a client with this key.
            pub fn builder(key: $crate::ApiKey) -> ClientBuilder {
                ClientBuilder { key, $($field: $default,)* options: ::core::default::Default::default() }
            }

            /// Creates a client from the variables that [`ClientBuilder::from_env`] reads.
            ///
            /// # Errors
            /// As for [`ClientBuilder::from_env`].
            pub fn from_env() -> ::core::result::Result<Self, $crate::Error> {
                ClientBuilder::from_env()?.build()
            }
        }

        /// Builds a [`Client`].
        #[derive(Clone, Debug)]
        #[must_use = "call `build`"]
        pub struct ClientBuilder {
            key: $crate::ApiKey,
            $($field: $kind,)*
            options: $crate::vendor_kit::ClientOptions,
        }

        impl ClientBuilder {
            #[doc = concat!(
                "Creates a builder with the key in `", $key, "` and, if they are set, the base URL in `", $base_url, "`"
                $($(, " and the ", stringify!($field), " in `", $variable, "`")?)*, "."
            )]
            ///
            /// # Errors
            /// [`Configuration`]($crate::ErrorKind::Configuration), naming the variable, if one is missing or cannot be
            /// used.
            pub fn from_env() -> ::core::result::Result<Self, $crate::Error> {
                Self::from_lookup($crate::vendor_kit::optional_var)
            }

            /// Creates a builder from the variables of [`from_env`](Self::from_env) that `lookup` returns, such as those of
            /// a configuration file. It returns the value of a variable, or `None` if it is not set.
            ///
            /// # Errors
            /// As for [`from_env`](Self::from_env), and the errors of `lookup`.
            pub fn from_lookup(
                lookup: impl ::core::ops::Fn(
                    &str,
                ) -> ::core::result::Result<
                    ::core::option::Option<::std::string::String>,
                    $crate::Error,
                >,
            ) -> ::core::result::Result<Self, $crate::Error> {
                let env = $crate::vendor_kit::EnvReader::new($vendor, &lookup);
                let builder = $client::builder(env.required($key, $crate::ApiKey::new)?);
                ::core::result::Result::Ok(Self {
                    options: env.client_options($base_url)?,
                    $($($field: env.optional($variable, |value| value.parse())?,)?)*
                    ..builder
                })
            }

            $crate::client_options!();

            /// Builds the client. Nothing is sent.
            ///
            /// # Errors
            /// [`ErrorKind::Configuration`]($crate::ErrorKind::Configuration) if an option cannot be used.
            pub fn build(self) -> ::core::result::Result<$client, $crate::Error> {
                $crate::vendor_kit::ErrorExt::for_vendor(self.try_build(), $vendor)
            }
        }
    };
}

/// Defines the option methods of a vendor crate's builder, which must have a field `options:`
/// [`ClientOptions`](crate::vendor_kit::ClientOptions).
#[macro_export]
macro_rules! client_options {
    () => {
        $crate::client_options! {
            /// Sends to this URL instead of the vendor's: a proxy, or a fake in a test. It must be `https`, except on
            /// loopback; a path prefix is kept. It is checked when the client is built.
            base_url(url: impl ::core::convert::Into<::std::string::String>) => base_url = Some(url.into());

            /// Sets how long connecting may take. Default: 10 s; at most half of what an attempt may take.
            connect_timeout(timeout: ::std::time::Duration) => http.with_connect_timeout(timeout);

            /// Sets how long one attempt may take, from its start to the end of the response. Default: 30 s.
            attempt_timeout(timeout: ::std::time::Duration) => attempt_timeout = timeout;

            /// Sets how long a call may take with all its attempts and waits. Default: 60 s.
            total_timeout(timeout: ::std::time::Duration) => total_timeout = timeout;

            /// Sets when a request is sent again. Default: 4 attempts, 500 ms doubling up to 20 s, full jitter.
            retry(policy: $crate::RetryPolicy) => retry = policy;

            /// Limits the rate of requests, lists and lookups included. A call waits for its turn within its own time;
            /// otherwise it fails with [`RateLimited`]($crate::ErrorKind::RateLimited). Default: what the vendor
            /// documents, which only Fini does (100 in 60 s).
            rate_limit(limit: $crate::RateLimit) => rate_limit = $crate::vendor_kit::RateLimiting::Own(limit);

            /// Shares a rate limit with other clients of the same credential. It replaces
            /// [`rate_limit`](Self::rate_limit).
            rate_limiter(limiter: $crate::RateLimiter) => rate_limit = $crate::vendor_kit::RateLimiting::Shared(limiter);

            /// Sends without a rate limit of the client, such as to a fake in a test.
            no_rate_limit() => rate_limit = $crate::vendor_kit::RateLimiting::Off;

            /// Sends through this transport: a fake, a wrapper, or an [`HttpTransport`]($crate::http::HttpTransport)
            /// that other clients share. The options for connecting, TLS and proxy then have no effect.
            transport(transport: impl $crate::http::Transport) =>
                transport = Some(::std::sync::Arc::new(transport));

            /// Trusts these certificates (PEM, one or more) too. It can be called more than once.
            root_certificate_pem(pem: impl ::core::convert::Into<::std::vec::Vec<u8>>) =>
                http.with_root_certificate_pem(pem);

            /// Sets whether the certificates of the operating system are trusted. Default: `true`. With `false` only those
            /// of [`root_certificate_pem`](Self::root_certificate_pem) are.
            system_roots(trusted: bool) => http.with_system_roots(trusted);

            /// Presents this client certificate (mutual TLS): its PKCS#8 private key and the certificate with its chain,
            /// as one PEM text.
            client_identity_pem(pem: impl ::core::convert::Into<::std::vec::Vec<u8>>) =>
                http.with_client_identity_pem(pem);

            /// Sets whether requests go through a proxy. Default: none, whatever the environment says.
            proxy(proxy: $crate::http::Proxy) => http.with_proxy(proxy);

            /// Adds a product to `User-Agent`, such as `my-app/1.2`: visible ASCII and spaces.
            user_agent_suffix(suffix: impl ::core::convert::Into<::std::string::String>) =>
                user_agent_suffix = Some(suffix.into());

            /// Sends no more requests once `token` is stopped: calls that wait end at once, and new ones fail with
            /// [`Interrupted`]($crate::ErrorKind::Interrupted).
            stop_token(token: $crate::StopToken) => stop = token;

            /// Calls `hook` before each wait for another attempt, for progress or metrics. It must return soon, because the
            /// call waits for it, and must not panic: the panic would end the call, and leave its effect unknown.
            on_retry(hook: impl ::core::ops::Fn(&$crate::RetryEvent) + ::core::marker::Send + ::core::marker::Sync + 'static) =>
                on_retry = Some(::std::sync::Arc::new(hook));

            /// Takes time and jitter from this clock, such as [`TestClock`]($crate::testing::TestClock).
            clock(clock: impl $crate::Clock) => clock = ::std::sync::Arc::new(clock);
        }
    };
    ($(
        $(#[$doc:meta])*
        $name:ident($($arg:ident: $kind:ty)?) => $field:ident $(.$set:ident($given:ident))? $(= $value:expr)?;
    )*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(mut self $(, $arg: $kind)?) -> Self {
                self.options.$field = $($value)? $(self.options.$field.$set($given))?;
                self
            }
        )*
    };
}

/// Defines the methods of a vendor crate's client besides its calls. The client must have a field `pipeline:`
/// [`Pipeline`](crate::vendor_kit::Pipeline).
#[macro_export]
macro_rules! client_controls {
    () => {
        /// Returns how long a `Retry-After`, of the vendor or of its token endpoint, still blocks requests of this client
        /// and its clones; zero if none does.
        pub fn throttled_for(&self) -> ::std::time::Duration {
            self.pipeline.throttled_for()
        }

        /// Returns the same client with another time for each call, its retries and waits included; at most a day.
        /// Everything else is shared. If the time is shorter than a connection may take to be made, a call that ends
        /// before that counts as one that may have been delivered.
        #[must_use]
        pub fn with_total_timeout(&self, timeout: ::std::time::Duration) -> Self {
            Self { pipeline: self.pipeline.with_total_timeout(timeout), ..::core::clone::Clone::clone(self) }
        }

        /// Lets requests be sent at once, whatever `Retry-After` said: for a vendor that sent an absurd time by mistake.
        pub fn clear_throttle(&self) {
            self.pipeline.clear_throttle();
        }

        /// Returns how far the local clock is from the vendor's, by the latest response with a `Date`; `None` before the
        /// first one.
        pub fn clock_skew(&self) -> ::core::option::Option<$crate::ClockSkew> {
            self.pipeline.clock_skew()
        }
    };
}

/// Defines the methods of [`Deleter`](crate::Deleter) that are alike for all vendors: `vendor`, and `parse_id` for ids of
/// this type.
#[macro_export]
macro_rules! deleter_methods {
    ($vendor:expr, $id:ty) => {
        fn vendor(&self) -> $crate::Vendor {
            $vendor
        }

        fn parse_id(&self, id: &str) -> ::core::result::Result<$crate::RecordId, $crate::Error> {
            $crate::vendor_kit::ErrorExt::for_vendor(id.parse::<$id>(), $vendor).map(::core::convert::Into::into)
        }
    };
}

/// Defines the methods of [`RecordReader`](crate::RecordReader) that are alike for all vendors: `vendor`, `clock_skew`; `list`
/// if the client has its own `list` with a filter of this type; and `final_statuses` if they are given. The client must have a field `pipeline:`
/// [`Pipeline`](crate::vendor_kit::Pipeline).
#[macro_export]
macro_rules! reader_methods {
    ($vendor:expr $(, $filter:ty $(, $final_statuses:expr)?)?) => {
        fn vendor(&self) -> $crate::Vendor {
            $vendor
        }

        $(
            /// Lists as the client's own `list` does, whose filter can also narrow by what only this vendor has.
            fn list(&self, filter: &$crate::Filter) -> ::core::result::Result<$crate::Listing, $crate::Error> {
                self.list(&<$filter>::from(::core::clone::Clone::clone(filter)))
            }

            $(
                fn final_statuses(&self) -> &[$crate::Status] {
                    $final_statuses
                }
            )?
        )?

        fn clock_skew(&self) -> ::core::option::Option<$crate::ClockSkew> {
            self.pipeline.clock_skew()
        }
    };
}
