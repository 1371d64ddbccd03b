/// Declares journeys on the embedded pair and on two replicas of each service: `embedded::name`, `servers::name`.
#[macro_export]
macro_rules! on_both_pairs {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> $crate::Result<()> {
                $crate::pair::run($crate::Setup::embedded(concat!(module_path!(), "::", stringify!($name))), super::$name).await
            })+
        }
        $crate::on_servers!($($name),+);
    };
}

/// Declares journeys for the servers only.
#[macro_export]
macro_rules! on_servers {
    ($($name:ident),+ $(,)?) => { $crate::on_servers_with!(2, std::convert::identity, $($name),+); };
}

/// Declares journeys with another number of replicas and a change of the set-up, such as `Setup::own_postgres`.
#[macro_export]
macro_rules! on_servers_with {
    ($replicas:expr, $change:path, $($name:ident),+ $(,)?) => {
        mod servers {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> $crate::Result<()> {
                let setup = $crate::Setup::servers(concat!(module_path!(), "::", stringify!($name)), $replicas);
                $crate::pair::run($change(setup), super::$name).await
            })+
        }
    };
}
